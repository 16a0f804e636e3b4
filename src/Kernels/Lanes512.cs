using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>16 values: AVX-512, whose 32 registers hold a tile of 12 rows.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> values) : IVector<Lanes512>
{
    private readonly Vector512<float> values = values;

    public static int Width => 16;

    public static bool AreOfBytes => false;

    public static int Rows => 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) =>
        new(Vector512.MultiplyAddEstimate(a.values, b.values, c.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored =>
        finish.Rows<Lanes512, Lanes512, TColumns, TStored>(sums, rows, y, at, stride, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Converted<TSums>(int* a, int* b) where TSums : unmanaged, ISums<TSums> =>
        // What was stored in halves a moment ago is loaded so: a whole vector would have to wait for both to reach the cache.
        new(Vector512.ConvertToSingle(
            (TSums.Width == Width ? Vector512.Load(a) : Vector512.Create(Vector256.Load(a), Vector256.Load(a + Width / 2)))
                + Vector512.Load(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Vector512.MaxNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 a, Lanes512 b) => new(Vector512.MinNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Abs(Lanes512 a) => new(Vector512.Abs(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Floor(Lanes512 a) => new(Vector512.Floor(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 a) => new(((Vector512.ConvertToInt32(a.values) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 CopySign(Lanes512 a, Lanes512 b) => new(Vector512.CopySign(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 a) => Vector512.Sum(a.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes512 a) => Lanes256.Largest(new(Vector256.MaxNative(a.values.GetLower(), a.values.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 a, Lanes512 b) => new(a.values + b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 a, Lanes512 b) => new(a.values - b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 a, Lanes512 b) => new(a.values * b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 a, Lanes512 b) => new(a.values / b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector512.Store(values, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreQuarters(float* target)
    {
        new Lanes256(values.GetLower()).StoreQuarters(target);
        new Lanes256(values.GetUpper()).StoreQuarters(target + 2 * Lanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes512 a, byte* target)
    {
        if (Avx512F.IsSupported) Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32Native(a.values)).Store(target);
        else Lanes256.StoreBytes(new(a.values.GetLower()), new(a.values.GetUpper()), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes512 a, Lanes512 b, byte* target)
    {
        StoreBytes(a, target);
        StoreBytes(b, target + Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d, byte* target) => Bytes(a, b, c, d).Store(target);

    /// <summary>Values from 0 to 255, cut to whole numbers: of the first quarters, then of the second, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Bytes(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d) => Avx512BW.IsSupported
        ? Avx512BW.PackUnsignedSaturate(
            Avx512BW.PackSignedSaturate(Whole(a), Whole(b)), Avx512BW.PackSignedSaturate(Whole(c), Whole(d)))
        : Vector512.Create(
            Lanes256.Bytes(new(a.values.GetLower()), new(b.values.GetLower()), new(c.values.GetLower()), new(d.values.GetLower())),
            Lanes256.Bytes(new(a.values.GetUpper()), new(b.values.GetUpper()), new(c.values.GetUpper()), new(d.values.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Whole(Lanes512 a) => Vector512.ConvertToInt32Native(a.values);
}
