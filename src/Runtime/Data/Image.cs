namespace DataSsl.Runtime.Data;

/// <summary>A decoded picture: 8-bit RGB, rows from the top, pixels interleaved (<c>Rgb[(y * Width + x) * 3 + channel]</c>).</summary>
public sealed record Image(int Width, int Height, byte[] Rgb);
