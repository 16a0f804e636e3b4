using System.Numerics;
using System.Runtime.InteropServices;
using DataSsl.Kernels;

namespace DataSsl.Runtime.Data;

/// <summary>The rows of a picture of either depth, of which a resize takes weighted sums.</summary>
internal readonly ref struct PixelRows
{
    private readonly ReadOnlySpan<byte> pixels;
    private readonly int width, bands;
    private readonly bool isDeep;

    public PixelRows(Image image)
    {
        pixels = image.Pixels.Span;
        (width, bands, isDeep) = (image.Width, image.Format.Bands, image.Format.Bits == 16);
    }

    /// <summary>A weighted sum of rows, with the bands of a pixel side by side.</summary>
    /// <param name="left">The first column that is wanted.</param>
    /// <param name="top">The first row of the sum.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="weights">One weight a row.</param>
    /// <param name="sums">As <see cref="PixelSums.Length"/> says.</param>
    public void Down(int left, int top, int columns, ReadOnlySpan<float> weights, Span<float> sums)
    {
        var start = bands * (top * width + left);
        if (isDeep) Down(MemoryMarshal.Cast<byte, ushort>(pixels)[start..], bands * width, weights, bands * columns, sums);
        else PixelSums.Down(pixels[start..], bands * width, weights, bands * columns, sums);
    }

    /// <inheritdoc cref="PixelSums.Down"/>
    private static void Down(ReadOnlySpan<ushort> rows, int stride, ReadOnlySpan<float> weights, int count, Span<float> sums)
    {
        sums = sums[..count];
        sums.Clear();
        for (var t = 0; t < weights.Length; t++)
        {
            var row = rows.Slice(t * stride, count);
            var weight = weights[t];
            var i = 0;
            for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
            {
                Vector.Widen(new Vector<ushort>(row[i..]), out var low, out var high);
                Add(sums[i..], low, weight);
                Add(sums[(i + Vector<float>.Count)..], high, weight);
            }
            for (; i < count; i++) sums[i] = MathF.FusedMultiplyAdd(row[i], weight, sums[i]);
        }
    }

    private static void Add(Span<float> sums, Vector<uint> values, float weight) =>
        Vector.FusedMultiplyAdd(
            Vector.ConvertToSingle(Vector.AsVectorInt32(values)), new Vector<float>(weight), new Vector<float>(sums)).CopyTo(sums);
}
