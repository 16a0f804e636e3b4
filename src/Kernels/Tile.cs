using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>
/// The inner product: a few rows by one or two vectors of columns, the sums in registers from the first product to the last.
/// </summary>
internal static unsafe class Tile<TSums, TRows, TColumns>
    where TSums : unmanaged, ISums<TSums>
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <summary>y[r, c] = finish(sum over k of x[r, k] * panel[k, c]).</summary>
    /// <param name="x">The rows, <paramref name="xStride"/> bytes apart.</param>
    /// <param name="xStep">Bytes from one value of a row to the next.</param>
    /// <param name="panel">[length, columns], packed.</param>
    /// <param name="ahead">Weights that are needed next: every product asks for some, so that they are near when they are.</param>
    /// <param name="aheadStep">Bytes of them for each product.</param>
    /// <param name="y">The result's rows, as far apart as those of what is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        float* x, nint xStride, nint xStep, float* panel, int length, byte* ahead, nint aheadStep, float* y, nint yStride, in Finish finish,
        int column)
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
        finish.Store<TSums, TColumns>(a0, b0, y, 0 * yStride, column);
        if (TRows.Value > 1) finish.Store<TSums, TColumns>(a1, b1, y, 1 * yStride, column);
        if (TRows.Value > 2) finish.Store<TSums, TColumns>(a2, b2, y, 2 * yStride, column);
        if (TRows.Value > 3) finish.Store<TSums, TColumns>(a3, b3, y, 3 * yStride, column);
        if (TRows.Value > 4) finish.Store<TSums, TColumns>(a4, b4, y, 4 * yStride, column);
        if (TRows.Value > 5) finish.Store<TSums, TColumns>(a5, b5, y, 5 * yStride, column);
        if (TRows.Value > 6) finish.Store<TSums, TColumns>(a6, b6, y, 6 * yStride, column);
        if (TRows.Value > 7) finish.Store<TSums, TColumns>(a7, b7, y, 7 * yStride, column);
        if (TRows.Value > 8) finish.Store<TSums, TColumns>(a8, b8, y, 8 * yStride, column);
        if (TRows.Value > 9) finish.Store<TSums, TColumns>(a9, b9, y, 9 * yStride, column);
        if (TRows.Value > 10) finish.Store<TSums, TColumns>(a10, b10, y, 10 * yStride, column);
        if (TRows.Value > 11) finish.Store<TSums, TColumns>(a11, b11, y, 11 * yStride, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float x, TSums p, TSums q, ref TSums a, ref TSums b)
    {
        var value = TSums.Broadcast(x);
        a = TSums.MultiplyAdd(value, p, a);
        if (TColumns.Value > 1) b = TSums.MultiplyAdd(value, q, b);
    }
}
