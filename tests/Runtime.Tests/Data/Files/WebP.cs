namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>WebP's container around pictures that OpenCV encoded.</summary>
internal static class WebP
{
    public static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content) =>
        new ByteWriter(little: true).Bytes(name).Long(content.Length).Bytes(content).Bytes(new byte[content.Length % 2]).ToArray();

    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="flags">What is inside: 2 for an animation, 8 for EXIF.</param>
    /// <param name="chunks">All but the first chunk.</param>
    public static byte[] Container(int width, int height, byte flags, byte[] chunks)
    {
        byte[] content = [.. "WEBP"u8, .. Chunk("VP8X"u8, [flags, 0, 0, 0, .. Triple(width - 1), .. Triple(height - 1)]), .. chunks];
        return new ByteWriter(little: true).Bytes("RIFF"u8).Long(content.Length).Bytes(content).ToArray();
    }

    /// <summary>An animation of still WebP files of one size.</summary>
    public static byte[] Animated(int width, int height, params byte[][] frames) => Container(width, height, 2,
    [
        .. Chunk("ANIM"u8, new byte[6]),
        .. frames.SelectMany(
            frame => Chunk("ANMF"u8, [0, 0, 0, 0, 0, 0, .. Triple(width - 1), .. Triple(height - 1), 100, 0, 0, 0, .. frame[12..]])),
    ]);

    private static byte[] Triple(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];
}
