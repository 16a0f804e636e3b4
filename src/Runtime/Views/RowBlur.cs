using System.Numerics;
using System.Runtime.InteropServices;
using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>A Gaussian blur of <see cref="Planes"/>, one row at a time; edges are replicated.</summary>
internal sealed class RowBlur(int size, int channels)
{
    private readonly float[] result = new float[channels * ResizeFilter.Padded(size)];
    private float[] line = [];

    /// <summary>
    /// The weights at distances 0, 1, 2, ... pixels, to where <see cref="GaussianBlur"/> cuts them off; the whole kernel sums to 1.
    /// </summary>
    public static float[] Kernel(double sigma)
    {
        var weights = new List<double>();
        for (
            var (distance, weight) = (0, 1.0); weight > GaussianBlur.SmallestWeight; weight = Math.Exp(
                -0.5 * Math.Pow(++distance / sigma, 2)))
            weights.Add(weight);
        var sum = 2 * weights.Sum() - weights[0];
        return [.. weights.Select(weight => (float)(weight / sum))];
    }

    /// <summary>Row <paramref name="y"/> of the blurred picture, [C, P]; valid until the next call.</summary>
    public Span<float> Row(Planes rows, int y, ReadOnlySpan<float> kernel)
    {
        var (pitch, margin) = (rows.Pitch, kernel.Length - 1);
        var length = pitch + 2 * margin;
        if (line.Length < channels * length) line = new float[channels * length];
        for (var channel = 0; channel < channels; channel++)
        {
            var run = line.AsSpan(channel * length, length);
            Down(rows, y, channel * pitch, kernel, run.Slice(margin, pitch));
            run[..margin].Fill(run[margin]);
            run[(margin + size)..].Fill(run[margin + size - 1]);
            Across(run, kernel, result.AsSpan(channel * pitch, pitch));
        }
        return result;
    }

    private static void Down(Planes rows, int y, int start, ReadOnlySpan<float> kernel, Span<float> sums)
    {
        Weigh(rows[y].Slice(start, sums.Length), kernel[0], sums);
        for (var distance = 1; distance < kernel.Length; distance++)
        {
            var above = rows[Math.Max(y - distance, 0)].Slice(start, sums.Length);
            var below = rows[Math.Min(y + distance, rows.Size - 1)].Slice(start, sums.Length);
            ref var a = ref MemoryMarshal.GetReference(above);
            ref var b = ref MemoryMarshal.GetReference(below);
            ref var target = ref MemoryMarshal.GetReference(sums);
            var weight = new Vector<float>(kernel[distance]);
            for (nuint x = 0; x < (nuint)sums.Length; x += (nuint)Vector<float>.Count)
                (Vector.LoadUnsafe(ref target, x) + (Vector.LoadUnsafe(ref a, x) + Vector.LoadUnsafe(ref b, x)) * weight)
                    .StoreUnsafe(ref target, x);
        }
    }

    private static void Weigh(ReadOnlySpan<float> values, float factor, Span<float> sums)
    {
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(sums);
        for (nuint x = 0; x < (nuint)sums.Length; x += (nuint)Vector<float>.Count)
            (Vector.LoadUnsafe(ref source, x) * factor).StoreUnsafe(ref target, x);
    }

    private static void Across(ReadOnlySpan<float> run, ReadOnlySpan<float> kernel, Span<float> sums)
    {
        ref var source = ref MemoryMarshal.GetReference(run);
        ref var target = ref MemoryMarshal.GetReference(sums);
        var margin = (nuint)kernel.Length - 1;
        for (nuint x = 0; x < (nuint)sums.Length; x += (nuint)Vector<float>.Count)
        {
            var sum = Vector.LoadUnsafe(ref source, x + margin) * kernel[0];
            for (nuint distance = 1; distance <= margin; distance++)
                sum += (Vector.LoadUnsafe(ref source, x + margin - distance)
                    + Vector.LoadUnsafe(ref source, x + margin + distance)) * kernel[(int)distance];
            sum.StoreUnsafe(ref target, x);
        }
    }
}
