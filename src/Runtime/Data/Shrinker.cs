using System.Runtime.InteropServices;
using DataSsl.Kernels;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Shrinks a decoded picture with an antialiased triangle filter over the area that each new pixel covers (what Pillow calls BILINEAR when
/// it shrinks), in single precision with one rounding at the end.
/// </summary>
internal static class Shrinker
{
    /// <summary>
    /// The size with the short side at most <paramref name="side"/> and the aspect ratio kept; never larger than the picture.
    /// </summary>
    public static (int Width, int Height) Fit(int width, int height, int side)
    {
        var shorter = Math.Min(width, height);
        if (shorter <= side) return (width, height);
        return ((int)Math.Round((double)width * side / shorter), (int)Math.Round((double)height * side / shorter));
    }

    /// <summary>The picture with a short side of at most <paramref name="side"/> pixels; itself where it has that already.</summary>
    public static Image Shrink(Image image, int side)
    {
        var (width, height) = Fit(image.Width, image.Height, side);
        if (width == image.Width && height == image.Height) return image;
        var (bands, format) = (image.Format.Bands, image.Format);
        var pixels = GC.AllocateUninitializedArray<byte>(format.Bytes * width * height);
        var down = new ResizeFilter(image.Height, height);
        var across = new ResizeFilter(image.Width, width);
        var rows = image.Rows;
        var sums = new float[PixelSums.Length(across, bands)];
        var planes = new float[bands * ResizeFilter.Padded(width)];
        for (var y = 0; y < height; y++)
        {
            var weights = down.Of(y, out var first);
            rows.Down(0, first, image.Width, weights, sums);
            PixelSums.Across(sums, across, bands, planes);
            var row = pixels.AsSpan(format.Bytes * width * y, format.Bytes * width);
            if (format.Bits == 8) Round(planes, bands, row);
            else Round(planes, bands, MemoryMarshal.Cast<byte, ushort>(row));
        }
        return new(width, height, pixels) { Format = format };
    }

    private static void Round(ReadOnlySpan<float> planes, int bands, Span<byte> row)
    {
        var pitch = planes.Length / bands;
        for (var x = 0; bands * x < row.Length; x++)
            for (var band = 0; band < bands; band++)
                row[bands * x + band] = (byte)(planes[band * pitch + x] + 0.5f);
    }

    private static void Round(ReadOnlySpan<float> planes, int bands, Span<ushort> row)
    {
        var pitch = planes.Length / bands;
        for (var x = 0; bands * x < row.Length; x++)
            for (var band = 0; band < bands; band++)
                row[bands * x + band] = (ushort)(planes[band * pitch + x] + 0.5f);
    }
}
