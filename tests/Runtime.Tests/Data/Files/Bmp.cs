namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>Windows bitmaps of every depth.</summary>
internal static class Bmp
{
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows; negative for rows from the top.</param>
    /// <param name="bits">Bits a pixel.</param>
    /// <param name="row">The packed bytes of row y of the picture.</param>
    /// <param name="palette">Blue, green, red and zero for each colour.</param>
    /// <param name="masks">Where red, green and blue lie.</param>
    public static byte[] Of(int width, int height, int bits, Func<int, byte[]> row, byte[]? palette = null, uint[]? masks = null)
    {
        var (lines, stride) = (Math.Abs(height), (width * bits + 31) / 32 * 4);
        var extra = new ByteWriter(little: true);
        foreach (var mask in masks ?? []) extra.Long(mask);
        extra.Bytes(palette ?? []);
        var file = new ByteWriter(little: true).Bytes("BM"u8).Long(54 + extra.Length + stride * lines).Long(0).Long(54 + extra.Length)
            .Long(40).Long(width).Long(height).Short(1).Short(bits).Long(masks is null ? 0 : 3).Long(stride * lines).Long(0).Long(0)
                .Long((palette?.Length ?? 0) / 4).Long(0).Bytes(extra.ToArray());
        for (var i = 0; i < lines; i++)
        {
            var packed = row(height > 0 ? lines - 1 - i : i);
            file.Bytes(packed).Bytes(new byte[stride - packed.Length]);
        }
        return file.ToArray();
    }
}
