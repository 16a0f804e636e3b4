namespace DataSsl.Dense.Data;

/// <summary>A number for each pixel: its class, or that for void. <c>Values[y * Width + x]</c>, shape [H, W].</summary>
public sealed record IndexMask(int Width, int Height, byte[] Values);
