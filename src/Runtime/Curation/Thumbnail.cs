using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Curation;

/// <summary>
/// An image in grey at <see cref="Side"/> x <see cref="Side"/> pixels, whatever its shape: what copies of it have in common.
/// </summary>
internal static class Thumbnail
{
    /// <summary>Pixels of a side.</summary>
    public const int Side = 32;

    /// <summary>Writes an image's grey values from 0 to 255, row by row.</summary>
    /// <param name="image">The image; its long side may be the longer.</param>
    /// <param name="grey">Side * Side values.</param>
    public static void Write(Image image, Span<float> grey)
    {
        var full = new float[image.Width * image.Height];
        var rgb = image.Rgb.Span;
        for (var i = 0; i < full.Length; i++) full[i] = Luma.Of(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
        var across = new float[Side * image.Height];
        for (var x = 0; x < Side; x++)
            foreach (var (from, weight) in Cover(x, image.Width))
                for (var y = 0; y < image.Height; y++) across[y * Side + x] += weight * full[y * image.Width + from];
        grey.Clear();
        for (var y = 0; y < Side; y++)
            foreach (var (from, weight) in Cover(y, image.Height))
                for (var x = 0; x < Side; x++) grey[y * Side + x] += weight * across[from * Side + x];
    }

    /// <summary>The pixels that one of the thumbnail's covers, by the share that each has of it.</summary>
    private static IEnumerable<(int From, float Weight)> Cover(int target, int length)
    {
        var (start, end) = ((double)target * length / Side, (double)(target + 1) * length / Side);
        for (var from = (int)start; from < length && from < end; from++)
            if (Math.Min(end, from + 1) - Math.Max(start, from) is > 0 and var share) yield return (from, (float)(share / (end - start)));
    }
}
