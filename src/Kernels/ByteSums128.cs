using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>4 sums: Arm64, by its products of bytes where it has them, and x64 without AVX2.</summary>
internal readonly unsafe struct ByteSums128(Vector128<int> values) : ISums<ByteSums128>
{
    private readonly Vector128<int> values = values;

    public static int Width => 4;

    public static int Rows => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums128 Load(float* source) => new(Vector128.Load((int*)source));

    /// <summary>Arm's products take a sign: what <see cref="ByteSums.Shift"/> takes from each byte turns its highest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums128 Broadcast(float value)
    {
        var bytes = Vector128.Create(value).AsInt32();
        return new(Dp.IsSupported ? bytes ^ Vector128.Create((byte)128).AsInt32() : bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ByteSums128 MultiplyAdd(ByteSums128 a, ByteSums128 b, ByteSums128 c) => new(
        Dp.IsSupported ? Dp.DotProduct(c.values, a.values.AsSByte(), b.values.AsSByte())
        : Ssse3.IsSupported ? c.values + Sse2.MultiplyAddAdjacent(
            Ssse3.MultiplyAddAdjacent(a.values.AsByte(), b.values.AsSByte()), Vector128<short>.One)
        : c.values + Products(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(ByteSums128 sums, in Finish finish, float* y, nint offset, int column)
    {
        var whole = sums.values + Vector128.Load(finish.Offsets + column);
        finish.One(new Lanes128(Vector128.ConvertToSingle(whole)) * Lanes128.Load(finish.Factors + column), y, offset, column);
    }

    /// <summary>By no more than shifts and products of 32 bits, one byte of each group after the other.</summary>
    public static Vector128<int> Products(Vector128<int> bytes, Vector128<int> weights)
    {
        var sum = Vector128<int>.Zero;
        for (var shift = 0; shift < 32; shift += 8)
            sum += (bytes >>> shift & Vector128.Create(255)) * (weights << (24 - shift) >> 24);
        return sum;
    }
}
