using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>
/// The inner product: a few rows by one or two vectors of columns, the sums in registers from the first product to the last.
/// </summary>
internal static unsafe class Tile<TSums, TStored, TRows, TColumns>
    where TSums : unmanaged, ISums<TSums>
    where TStored : struct, IStored
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <summary>y[r, c] = finish(sum over k of x[r, k] * panel[k, c]).</summary>
    /// <param name="x">The rows, <paramref name="xStride"/> bytes apart.</param>
    /// <param name="xStep">Bytes from one value of a row to the next.</param>
    /// <param name="panel">[length, columns], packed.</param>
    /// <param name="ahead">Weights that are needed next: every product asks for some, so that they are near when they are.</param>
    /// <param name="aheadStep">Bytes of them for each product.</param>
    /// <param name="sums">Where they lie in between.</param>
    /// <param name="y">The result's first value, or byte.</param>
    /// <param name="at">Where in it the first row's sums are stored.</param>
    /// <param name="yStride">From one row's to the next one's, as far as in what is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        float* x, nint xStride, nint xStep, float* panel, int length, byte* ahead, nint aheadStep, float* sums, float* y,
        nint at, nint yStride, in Finish finish, int column)
    {
        TSums a0 = default, b0 = default;
        TSums a1 = default, b1 = default;
        TSums a2 = default, b2 = default;
        TSums a3 = default, b3 = default;
        TSums a4 = default, b4 = default;
        TSums a5 = default, b5 = default;
        TSums a6 = default, b6 = default;
        TSums a7 = default, b7 = default;
        TSums a8 = default, b8 = default;
        TSums a9 = default, b9 = default;
        TSums a10 = default, b10 = default;
        TSums a11 = default, b11 = default;
        // Four rows have one pointer: with twelve of them the address registers run out.
        byte* x0 = (byte*)x, x4 = x0 + 4 * xStride, x8 = x0 + 8 * xStride;
        nint xStride2 = 2 * xStride, xStride3 = 3 * xStride;
        for (var end = x0 + length * xStep; x0 < end; x0 += xStep, panel += TColumns.Value * TSums.Width, ahead += aheadStep)
        {
            if (Sse.IsSupported) Sse.Prefetch1(ahead);
            var p = TSums.Load(panel);
            var q = TColumns.Value > 1 ? TSums.Load(panel + TSums.Width) : default;
            Add(*(float*)(x0), p, q, ref a0, ref b0);
            if (TRows.Value > 1) Add(*(float*)(x0 + xStride), p, q, ref a1, ref b1);
            if (TRows.Value > 2) Add(*(float*)(x0 + xStride2), p, q, ref a2, ref b2);
            if (TRows.Value > 3) Add(*(float*)(x0 + xStride3), p, q, ref a3, ref b3);
            if (TRows.Value > 4) Add(*(float*)(x4), p, q, ref a4, ref b4);
            if (TRows.Value > 5) Add(*(float*)(x4 + xStride), p, q, ref a5, ref b5);
            if (TRows.Value > 6) Add(*(float*)(x4 + xStride2), p, q, ref a6, ref b6);
            if (TRows.Value > 7) Add(*(float*)(x4 + xStride3), p, q, ref a7, ref b7);
            if (TRows.Value > 8) Add(*(float*)(x8), p, q, ref a8, ref b8);
            if (TRows.Value > 9) Add(*(float*)(x8 + xStride), p, q, ref a9, ref b9);
            if (TRows.Value > 10) Add(*(float*)(x8 + xStride2), p, q, ref a10, ref b10);
            if (TRows.Value > 11) Add(*(float*)(x8 + xStride3), p, q, ref a11, ref b11);
            x4 += xStep;
            x8 += xStep;
        }
        Keep(sums, 0, a0, b0);
        if (TRows.Value > 1) Keep(sums, 1, a1, b1);
        if (TRows.Value > 2) Keep(sums, 2, a2, b2);
        if (TRows.Value > 3) Keep(sums, 3, a3, b3);
        if (TRows.Value > 4) Keep(sums, 4, a4, b4);
        if (TRows.Value > 5) Keep(sums, 5, a5, b5);
        if (TRows.Value > 6) Keep(sums, 6, a6, b6);
        if (TRows.Value > 7) Keep(sums, 7, a7, b7);
        if (TRows.Value > 8) Keep(sums, 8, a8, b8);
        if (TRows.Value > 9) Keep(sums, 9, a9, b9);
        if (TRows.Value > 10) Keep(sums, 10, a10, b10);
        if (TRows.Value > 11) Keep(sums, 11, a11, b11);
        TSums.Finish<TColumns, TStored>(finish, sums, TRows.Value, y, at, yStride, column);
    }

    /// <summary>All rows' sums are finished in one place: the compiler would not unfold as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(float* sums, int row, TSums a, TSums b)
    {
        sums += row * TColumns.Value * TSums.Width;
        a.Store(sums);
        if (TColumns.Value > 1) b.Store(sums + TSums.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float x, TSums p, TSums q, ref TSums a, ref TSums b)
    {
        var value = TSums.Broadcast(x);
        a = TSums.MultiplyAdd(value, p, a);
        if (TColumns.Value > 1) b = TSums.MultiplyAdd(value, q, b);
    }
}
