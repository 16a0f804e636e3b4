using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>16 sums: AVX-512 on processors whose VNNI .NET does not reach.</summary>
internal readonly unsafe struct ByteSums512(Vector512<int> values) : ISums<ByteSums512>
{
    private readonly Vector512<int> values = values;

    public static int Width => 16;

    public static int Rows => 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 Load(float* source) => new(Vector512.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 Broadcast(float value) => new(Vector512.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums512 MultiplyAdd(ByteSums512 a, ByteSums512 b, ByteSums512 c) => new(
        c.values + Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(a.values.AsByte(), b.values.AsSByte()), Vector512<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(ByteSums512 sums, in Finish finish, float* y, nint offset, int column)
    {
        var whole = sums.values + Vector512.Load(finish.Offsets + column);
        finish.One(new Lanes512(Vector512.ConvertToSingle(whole)) * Lanes512.Load(finish.Factors + column), y, offset, column);
    }
}
