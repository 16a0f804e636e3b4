using System.IO.Compression;

namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>PNGs of every colour type and depth.</summary>
internal static class Png
{
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bits">Bits a channel.</param>
    /// <param name="type">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.</param>
    /// <param name="row">The packed bytes of row y.</param>
    /// <param name="before">Chunks in front of the pixels: a palette, transparency.</param>
    /// <param name="after">Chunks behind them: more frames.</param>
    public static byte[] Of(
        int width, int height, int bits, int type, Func<int, byte[]> row, byte[]? before = null, byte[]? after = null) =>
    [
        0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n',
        .. Chunk("IHDR"u8, new ByteWriter(little: false).Long(width).Long(height).Bytes((byte)bits, (byte)type, 0, 0, 0).ToArray()),
        .. before ?? [], .. Chunk("IDAT"u8, Pixels(height, row)), .. after ?? [], .. Chunk("IEND"u8, []),
    ];

    /// <summary>Rows without filters, compressed.</summary>
    public static byte[] Pixels(int height, Func<int, byte[]> row)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
            for (var y = 0; y < height; y++) zlib.Write([0, .. row(y)]);
        return packed.ToArray();
    }

    public static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content) =>
        new ByteWriter(little: false).Long(content.Length).Bytes(name).Bytes(content).Long(Sum([.. name, .. content])).ToArray();

    /// <summary>CRC-32 as PNG has it.</summary>
    public static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? 0xEDB88320 ^ sum >> 1 : sum >> 1;
        }
        return ~sum;
    }
}
