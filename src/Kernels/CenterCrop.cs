namespace DataSsl.Kernels;

/// <summary>Makes of a picture the image that evaluation shows to a network: see <see cref="ShownImage"/>.</summary>
internal static class CenterCrop
{
    /// <param name="pixels">[height, width, C]: red, green and blue of each pixel, or its grey.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="side">The image's.</param>
    /// <param name="mean">By channel, of values from 0 to 1: subtracted.</param>
    /// <param name="deviation">By channel: divides after that.</param>
    /// <param name="image">[C, side, side].</param>
    public static void Write(
        ReadOnlySpan<byte> pixels, int width, int height, int side, ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation,
        Span<float> image)
    {
        var channels = mean.Length;
        if (width < 1 || height < 1 || pixels.Length != (long)channels * width * height)
            throw new ArgumentException(
                $"{pixels.Length} bytes are no picture of {height} x {width} pixels of {(channels == 1 ? "one byte" : "three bytes")}", nameof(pixels));
        if (image.Length != channels * side * side)
            throw new ArgumentException($"{image.Length} values, where an image has {channels} x {side} x {side}", nameof(image));
        var down = Filter(height, total: 1.0 / 255);
        var across = Filter(width, total: 1);
        var (stride, count) = (channels * width, channels * (across.End - across.First));
        var sums = new float[PixelSums.Length(across, channels)];
        var pitch = ResizeFilter.Padded(side);
        var planes = new float[channels * pitch];
        for (var y = 0; y < side; y++)
        {
            var weights = down.Of(y, out var first);
            PixelSums.Down(pixels[(stride * first + channels * across.First)..], stride, weights, count, sums);
            PixelSums.Across(sums, across, channels, planes);
            for (var channel = 0; channel < channels; channel++)
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
