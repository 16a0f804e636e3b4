using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>4 sums: Arm64, by its products of bytes where it has them, and x64 without AVX2.</summary>
internal readonly unsafe struct ByteSums128(Vector128<int> values) : IByteSums<ByteSums128>
{
    private readonly Vector128<int> values = values;

    public static int Width => 4;

    public static bool AreOfBytes => true;

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

    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored =>
        finish.Rows<ByteSums128, Lanes128, TColumns, TStored>(sums, rows, y, at, stride, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(byte* first, byte* second, byte* third, byte* fourth, float* target)
    {
        if (!Sse2.IsSupported && !AdvSimd.Arm64.IsSupported)
        {
            var bytes = (byte*)target;
            for (var i = 0; i < Width * ByteSums.Group; i++, bytes += ByteSums.Group)
                (bytes[0], bytes[1], bytes[2], bytes[3]) = (first[i], second[i], third[i], fourth[i]);
            return;
        }
        var (a, b, c, d) = (Row(first), Row(second), Row(third), Row(fourth));
        var (abLow, abHigh, cdLow, cdHigh) = (Low(a, b).AsInt16(), High(a, b).AsInt16(), Low(c, d).AsInt16(), High(c, d).AsInt16());
        Low(abLow, cdLow).Store((short*)target);
        High(abLow, cdLow).Store((short*)target + 8);
        Low(abHigh, cdHigh).Store((short*)target + 16);
        High(abHigh, cdHigh).Store((short*)target + 24);

        // What Broadcast does to a product's rows.
        static Vector128<byte> Row(byte* row) =>
            Dp.IsSupported ? Vector128.Load(row) ^ Vector128.Create((byte)128) : Vector128.Load(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TStored>(
        in Finish finish, ByteSums128 a, ByteSums128 b, ByteSums128 c, ByteSums128 d, float* y, nint at, int column)
        where TStored : struct, IStored =>
        finish.Interleaved<Lanes128, TStored>(a.Converted(), b.Converted(), c.Converted(), d.Converted(), y, at, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes128 Converted() => new(Vector128.ConvertToSingle(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector128.Store(values, (int*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Low<T>(Vector128<T> a, Vector128<T> b) where T : struct => typeof(T) == typeof(byte)
        ? (Sse2.IsSupported ? Sse2.UnpackLow(a.AsByte(), b.AsByte()) : AdvSimd.Arm64.ZipLow(a.AsByte(), b.AsByte())).As<byte, T>()
        : (Sse2.IsSupported ? Sse2.UnpackLow(a.AsInt16(), b.AsInt16()) : AdvSimd.Arm64.ZipLow(a.AsInt16(), b.AsInt16())).As<short, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> High<T>(Vector128<T> a, Vector128<T> b) where T : struct => typeof(T) == typeof(byte)
        ? (Sse2.IsSupported ? Sse2.UnpackHigh(a.AsByte(), b.AsByte()) : AdvSimd.Arm64.ZipHigh(a.AsByte(), b.AsByte())).As<byte, T>()
        : (Sse2.IsSupported ? Sse2.UnpackHigh(a.AsInt16(), b.AsInt16()) : AdvSimd.Arm64.ZipHigh(a.AsInt16(), b.AsInt16())).As<short, T>();

    /// <summary>By no more than shifts and products of 32 bits, one byte of each group after the other.</summary>
    public static Vector128<int> Products(Vector128<int> bytes, Vector128<int> weights)
    {
        var sum = Vector128<int>.Zero;
        for (var shift = 0; shift < 32; shift += 8)
            sum += (bytes >>> shift & Vector128.Create(255)) * (weights << (24 - shift) >> 24);
        return sum;
    }
}
