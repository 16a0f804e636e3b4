namespace DataSsl.Kernels;

/// <summary>Makes of a picture the image that evaluation shows to a network: see <see cref="ShownImage"/>.</summary>
internal static class CenterCrop
{
    /// <param name="rgb">[height, width, 3]: red, green and blue of each pixel.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="side">The image's.</param>
    /// <param name="mean">By channel, of values from 0 to 1: subtracted.</param>
    /// <param name="deviation">By channel: divides after that.</param>
    /// <param name="image">[3, side, side].</param>
    public static void Write(
        ReadOnlySpan<byte> rgb, int width, int height, int side, ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation,
        Span<float> image)
    {
        if (width < 1 || height < 1 || rgb.Length != 3L * width * height)
            throw new ArgumentException($"{rgb.Length} bytes are no picture of {height} x {width} pixels of three bytes", nameof(rgb));
        if (image.Length != 3 * side * side)
            throw new ArgumentException($"{image.Length} values, where an image has 3 x {side} x {side}", nameof(image));
        var down = Filter(height, total: 1.0 / 255);
        var across = Filter(width, total: 1);
        var (stride, count) = (3 * width, 3 * (across.End - across.First));
        var sums = new float[PixelSums.Length(across)];
        var pitch = ResizeFilter.Padded(side);
        var planes = new float[3 * pitch];
        for (var y = 0; y < side; y++)
        {
            var weights = down.Of(y, out var first);
            PixelSums.Down(rgb[(stride * first + 3 * across.First)..], stride, weights, count, sums);
            PixelSums.Across(sums, across, planes);
            for (var channel = 0; channel < 3; channel++)
            {
                var (less, times) = ((float)mean[channel], (float)(1 / deviation[channel]));
                var row = image.Slice((channel * side + y) * side, side);
                for (var x = 0; x < side; x++) row[x] = (planes[channel * pitch + x] - less) * times;
            }
        }

        ResizeFilter Filter(int length, double total)
        {
            var (origin, step) = ShownImage.Along(length, Math.Min(width, height), side);
            return new(length, side, origin, step, total);
        }
    }
}
