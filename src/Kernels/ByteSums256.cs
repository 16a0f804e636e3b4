using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>8 sums: AVX-VNNI, or AVX2, which needs registers for what lies between.</summary>
internal readonly unsafe struct ByteSums256(Vector256<int> values) : ISums<ByteSums256>
{
    private readonly Vector256<int> values = values;

    public static int Width => 8;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(ByteSums256 sums, in Finish finish, float* y, nint offset, int column)
    {
        var whole = sums.values + Vector256.Load(finish.Offsets + column);
        finish.One(new Lanes256(Vector256.ConvertToSingle(whole)) * Lanes256.Load(finish.Factors + column), y, offset, column);
    }
}
