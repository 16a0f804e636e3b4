using DataSsl.Kernels;
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

    /// <summary>Values of one.</summary>
    public const int Pixels = Side * Side;

    /// <summary>Those of some images of a store: [N, Side * Side].</summary>
    public static float[] OfAll(ImageStore store, int[] images)
    {
        var greys = new float[Pixels * images.Length];
        Workers.For(images.Length, store.Workers, i =>
        {
            using var decoded = store.Get(images[i]);
            Write(decoded.Image, greys.AsSpan(Pixels * i, Pixels));
        });
        return greys;
    }

    /// <summary>Writes an image's grey values from 0 to 255, row by row.</summary>
    /// <param name="image">The image; its long side may be the longer.</param>
    /// <param name="grey">Side * Side values, or as many as are asked for.</param>
    /// <param name="width">Columns of them.</param>
    /// <param name="height">Rows.</param>
    public static void Write(Image image, Span<float> grey, int width = Side, int height = Side)
    {
        var full = new float[image.Width * image.Height];
        var rgb = image.Rgb.Span;
        for (var i = 0; i < full.Length; i++) full[i] = Luma.Of(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
        Resize(full, image.Width, image.Height, grey, width, height);
    }

    /// <summary>Every value is the mean of the rectangle that it covers, whether values become fewer or more.</summary>
    public static void Resize(ReadOnlySpan<float> from, int fromWidth, int fromHeight, Span<float> to, int width, int height) =>
        Shrink(Shrink(from, fromWidth, fromHeight, width), fromHeight, width, height).CopyTo(to);

    /// <summary>Lines [count, length] shrunk along their length, each a column of the result: [side, count].</summary>
    private static float[] Shrink(ReadOnlySpan<float> lines, int length, int count, int side)
    {
        var step = (double)length / side;
        // Of the pixels that one of the thumbnail's covers, each weighs as much as is covered of it.
        var cover = new ResizeFilter(
            length, side, 0, step, total: 1, reach: 1,
            distance => Math.Clamp((step + 1) / 2 - distance * Math.Max(step, 1), 0, Math.Min(step, 1)));
        var shrunk = new float[side * count];
        for (var i = 0; i < side; i++)
        {
            var weights = cover.Of(i, out var first);
            for (var line = 0; line < count; line++)
                for (var j = 0; j < weights.Length; j++) shrunk[i * count + line] += weights[j] * lines[line * length + first + j];
        }
        return shrunk;
    }
}
