using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>16 sums: AVX-512 on processors whose VNNI .NET does not reach.</summary>
internal readonly unsafe struct ByteSums512(Vector512<int> values) : IByteSums<ByteSums512>
{
    private readonly Vector512<int> values = values;

    public static int Width => 16;

    public static bool AreOfBytes => true;

    public static int Rows => 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 Load(float* source) => new(Vector512.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 Broadcast(float value) => new(Vector512.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 MultiplyAdd(ByteSums512 a, ByteSums512 b, ByteSums512 c) => new(
        c.values + Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(a.values.AsByte(), b.values.AsSByte()), Vector512<short>.One));

    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored =>
        finish.Rows<ByteSums512, Lanes512, TColumns, TStored>(sums, rows, y, at, stride, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(byte* first, byte* second, byte* third, byte* fourth, float* target)
    {
        var (a, b, c, d) = (Vector512.Load(first), Vector512.Load(second), Vector512.Load(third), Vector512.Load(fourth));
        var (abLow, abHigh) = (Avx512BW.UnpackLow(a, b).AsInt16(), Avx512BW.UnpackHigh(a, b).AsInt16());
        var (cdLow, cdHigh) = (Avx512BW.UnpackLow(c, d).AsInt16(), Avx512BW.UnpackHigh(c, d).AsInt16());
        Avx512BW.UnpackLow(abLow, cdLow).Store((short*)target);
        Avx512BW.UnpackHigh(abLow, cdLow).Store((short*)target + 2 * Width);
        Avx512BW.UnpackLow(abHigh, cdHigh).Store((short*)target + 4 * Width);
        Avx512BW.UnpackHigh(abHigh, cdHigh).Store((short*)target + 6 * Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TStored>(
        in Finish finish, ByteSums512 a, ByteSums512 b, ByteSums512 c, ByteSums512 d, float* y, nint at, int column)
        where TStored : struct, IStored =>
        finish.Interleaved<Lanes512, TStored>(a.Converted(), b.Converted(), c.Converted(), d.Converted(), y, at, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes512 Converted() => new(Vector512.ConvertToSingle(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector512.Store(values, (int*)target);
}
