using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>8 sums: AVX-VNNI, or AVX2, which needs registers for what lies between.</summary>
internal readonly unsafe struct ByteSums256(Vector256<int> values) : IByteSums<ByteSums256>
{
    private readonly Vector256<int> values = values;

    public static int Width => 8;

    public static bool AreOfBytes => true;

    public static int Rows => AvxVnni.IsSupported ? 6 : 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums256 Load(float* source) => new(Vector256.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums256 Broadcast(float value) => new(Vector256.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums256 MultiplyAdd(ByteSums256 a, ByteSums256 b, ByteSums256 c) => new(
        AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(c.values, a.values.AsByte(), b.values.AsSByte())
            : c.values + Avx2.MultiplyAddAdjacent(
                Avx2.MultiplyAddAdjacent(a.values.AsByte(), b.values.AsSByte()), Vector256<short>.One));

    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored
    {
        // Two vectors are one of twice the width.
        if (Vector512.IsHardwareAccelerated && TColumns.Value > 1)
            finish.Rows<ByteSums256, Lanes512, One, TStored>(sums, rows, y, at, stride, column);
        else finish.Rows<ByteSums256, Lanes256, TColumns, TStored>(sums, rows, y, at, stride, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(byte* first, byte* second, byte* third, byte* fourth, float* target)
    {
        var (a, b, c, d) = (Vector256.Load(first), Vector256.Load(second), Vector256.Load(third), Vector256.Load(fourth));
        var (abLow, abHigh) = (Avx2.UnpackLow(a, b).AsInt16(), Avx2.UnpackHigh(a, b).AsInt16());
        var (cdLow, cdHigh) = (Avx2.UnpackLow(c, d).AsInt16(), Avx2.UnpackHigh(c, d).AsInt16());
        Avx2.UnpackLow(abLow, cdLow).Store((short*)target);
        Avx2.UnpackHigh(abLow, cdLow).Store((short*)target + 2 * Width);
        Avx2.UnpackLow(abHigh, cdHigh).Store((short*)target + 4 * Width);
        Avx2.UnpackHigh(abHigh, cdHigh).Store((short*)target + 6 * Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TStored>(
        in Finish finish, ByteSums256 a, ByteSums256 b, ByteSums256 c, ByteSums256 d, float* y, nint at, int column)
        where TStored : struct, IStored =>
        finish.Interleaved<Lanes256, TStored>(a.Converted(), b.Converted(), c.Converted(), d.Converted(), y, at, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes256 Converted() => new(Vector256.ConvertToSingle(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector256.Store(values, (int*)target);
}
