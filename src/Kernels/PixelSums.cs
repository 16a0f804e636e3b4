using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Kernels;

/// <summary>The two halves of a separable resize of interleaved 8-bit pixels, in single precision.</summary>
internal static class PixelSums
{
    /// <summary>
    /// Floats of a buffer between <see cref="Down"/>, which writes whole vectors, and <see cref="Across"/>, which reads four lanes a pixel
    /// and every tap, those without weight too.
    /// </summary>
    /// <param name="across">The filter.</param>
    /// <param name="channels">Of a pixel.</param>
    public static int Length(ResizeFilter across, int channels) =>
        channels * (across.End - across.First) + Math.Max(Vector<byte>.Count, channels * across.Taps + 3);

    /// <summary>A weighted sum of rows: <c>sums[i] = sum over t of weights[t] * rows[t * stride + i]</c>.</summary>
    /// <param name="rows">The first row of the sum, from the first column that is wanted on.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="weights">One weight a row.</param>
    /// <param name="count">Bytes of each row.</param>
    /// <param name="sums">At least <paramref name="count"/> floats and a whole vector of bytes more.</param>
    public static void Down(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<float> weights, int count, Span<float> sums)
    {
        // A vector is read past `count` only where it stays inside the picture.
        _ = rows[(stride * (weights.Length - 1) + count - 1)..];
        _ = sums[(count + Vector<byte>.Count - 1)..];
        ref var source = ref MemoryMarshal.GetReference(rows);
        ref var target = ref MemoryMarshal.GetReference(sums);
        var whole = Math.Min(count, rows.Length - stride * (weights.Length - 1) - Vector<byte>.Count + 1);
        var i = 0;
        for (; i < whole; i += Vector<byte>.Count)
        {
            var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
            for (var t = 0; t < weights.Length; t++)
            {
                var weight = new Vector<float>(weights[t]);
                Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)(t * stride + i)), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                a = Vector.FusedMultiplyAdd(Vector.ConvertToSingle(Vector.AsVectorInt32(first)), weight, a);
                b = Vector.FusedMultiplyAdd(Vector.ConvertToSingle(Vector.AsVectorInt32(second)), weight, b);
                c = Vector.FusedMultiplyAdd(Vector.ConvertToSingle(Vector.AsVectorInt32(third)), weight, c);
                d = Vector.FusedMultiplyAdd(Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)), weight, d);
            }
            a.StoreUnsafe(ref target, (nuint)i);
            b.StoreUnsafe(ref target, (nuint)(i + Vector<float>.Count));
            c.StoreUnsafe(ref target, (nuint)(i + 2 * Vector<float>.Count));
            d.StoreUnsafe(ref target, (nuint)(i + 3 * Vector<float>.Count));
        }
        for (; i < count; i++)
        {
            var sum = 0f;
            for (var t = 0; t < weights.Length; t++) sum = MathF.FusedMultiplyAdd(rows[t * stride + i], weights[t], sum);
            sums[i] = sum;
        }
    }

    /// <summary>Sums neighbouring pixels and parts the channels, for every target of a filter.</summary>
    /// <param name="pixels">Values of <see cref="Down"/> from the filter's first source on.</param>
    /// <param name="across">The filter.</param>
    /// <param name="channels">Of a pixel.</param>
    /// <param name="planes">[channels, P]: each channel padded to whole vectors, where zeros are left.</param>
    public static void Across(ReadOnlySpan<float> pixels, ResizeFilter across, int channels, Span<float> planes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, channels * across.Firsts.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels.Length, Length(across, channels));
        // Three by themselves, as the compiler then knows how far pixels are apart.
        if (channels == 3) Some(pixels, across, 3, 0, 3, planes);
        else
            for (var lead = 0; lead < channels; lead += 4)
                Some(pixels, across, channels, lead, Math.Min(4, channels - lead), planes);
    }

    /// <summary>The same of up to four channels of all, from <paramref name="lead"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Some(ReadOnlySpan<float> pixels, ResizeFilter across, int channels, int lead, int count, Span<float> planes)
    {
        var (pitch, taps) = (across.Firsts.Length, across.Taps);
        ref var source = ref Unsafe.Add(ref MemoryMarshal.GetReference(pixels), lead);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(across.Weights);
        ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), lead * pitch);
        var firsts = across.Firsts;
        for (var x = 0; x + 3 < firsts.Length; x += 4)
        {
            var (a, b, c, d) = (Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero);
            ref var first = ref Unsafe.Add(ref source, channels * (firsts[x] - across.First));
            ref var second = ref Unsafe.Add(ref source, channels * (firsts[x + 1] - across.First));
            ref var third = ref Unsafe.Add(ref source, channels * (firsts[x + 2] - across.First));
            ref var fourth = ref Unsafe.Add(ref source, channels * (firsts[x + 3] - across.First));
            ref var weight = ref Unsafe.Add(ref weights, x * taps);
            for (var t = 0; t < taps; t++)
            {
                a = Vector128.FusedMultiplyAdd(
                    Vector128.LoadUnsafe(ref first, (nuint)(channels * t)), Vector128.Create(Unsafe.Add(ref weight, t)), a);
                b = Vector128.FusedMultiplyAdd(
                    Vector128.LoadUnsafe(ref second, (nuint)(channels * t)), Vector128.Create(Unsafe.Add(ref weight, taps + t)), b);
                c = Vector128.FusedMultiplyAdd(
                    Vector128.LoadUnsafe(ref third, (nuint)(channels * t)), Vector128.Create(Unsafe.Add(ref weight, 2 * taps + t)), c);
                d = Vector128.FusedMultiplyAdd(
                    Vector128.LoadUnsafe(ref fourth, (nuint)(channels * t)), Vector128.Create(Unsafe.Add(ref weight, 3 * taps + t)), d);
            }
            Vector128.Create(a[0], b[0], c[0], d[0]).StoreUnsafe(ref target, (nuint)x);
            if (count > 1) Vector128.Create(a[1], b[1], c[1], d[1]).StoreUnsafe(ref target, (nuint)(pitch + x));
            if (count > 2) Vector128.Create(a[2], b[2], c[2], d[2]).StoreUnsafe(ref target, (nuint)(2 * pitch + x));
            if (count > 3) Vector128.Create(a[3], b[3], c[3], d[3]).StoreUnsafe(ref target, (nuint)(3 * pitch + x));
        }
    }
}
