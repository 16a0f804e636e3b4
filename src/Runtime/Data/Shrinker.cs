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
        var rgb = GC.AllocateUninitializedArray<byte>(3 * width * height);
        var down = new ResizeFilter(image.Height, height);
        var across = new ResizeFilter(image.Width, width);
        var stride = 3 * image.Width;
        var sums = new float[PixelSums.Length(across)];
        var planes = new float[3 * ResizeFilter.Padded(width)];
        for (var y = 0; y < height; y++)
        {
            var weights = down.Of(y, out var first);
            PixelSums.Down(image.Rgb.Span[(first * stride)..], stride, weights, stride, sums);
            PixelSums.Across(sums, across, planes);
            Round(planes, rgb.AsSpan(3 * width * y, 3 * width));
        }
        return new(width, height, rgb);
    }

    private static void Round(ReadOnlySpan<float> planes, Span<byte> row)
    {
        var pitch = planes.Length / 3;
        for (var x = 0; 3 * x < row.Length; x++)
            for (var channel = 0; channel < 3; channel++)
                row[3 * x + channel] = (byte)(planes[channel * pitch + x] + 0.5f);
    }
}
