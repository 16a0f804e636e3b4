using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>8 values: AVX2 with FMA, whose 16 registers hold a tile of 6 rows.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> values) : IVector<Lanes256>
{
    private readonly Vector256<float> values = values;

    public static int Width => 8;

    public static bool AreOfBytes => false;

    public static int Rows => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) =>
        new(Vector256.MultiplyAddEstimate(a.values, b.values, c.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored =>
        finish.Rows<Lanes256, Lanes256, TColumns, TStored>(sums, rows, y, at, stride, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Converted<TSums>(int* a, int* b) where TSums : unmanaged, ISums<TSums> =>
        new(Vector256.ConvertToSingle(Vector256.Load(a) + Vector256.Load(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Vector256.MaxNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Vector256.MinNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 a) => new(Vector256.Abs(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Floor(Lanes256 a) => new(Vector256.Floor(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 a) => new(((Vector256.ConvertToInt32(a.values) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CopySign(Lanes256 a, Lanes256 b) => new(Vector256.CopySign(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 a) => Vector256.Sum(a.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes256 a) => Lanes128.Largest(new(Vector128.MaxNative(a.values.GetLower(), a.values.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a.values + b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a.values - b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a.values * b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a.values / b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector256.Store(values, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreQuarters(float* target)
    {
        values.GetLower().Store(target);
        values.GetUpper().Store(target + Lanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes256 a, byte* target) =>
        Lanes128.StoreBytes(new(a.values.GetLower()), new(a.values.GetUpper()), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes256 a, Lanes256 b, byte* target)
    {
        var bytes = Bytes(a, b, a, b).AsInt32();
        // Each half has the bytes of a half of both.
        if (Avx2.IsSupported) Sse2.UnpackLow(bytes.GetLower(), bytes.GetUpper()).Store((int*)target);
        else
        {
            StoreBytes(a, target);
            StoreBytes(b, target + Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d, byte* target) => Bytes(a, b, c, d).Store(target);

    /// <summary>Values from 0 to 255, cut to whole numbers: of the lower halves, then of the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Bytes(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d) => Avx2.IsSupported
        ? Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(Whole(a), Whole(b)), Avx2.PackSignedSaturate(Whole(c), Whole(d)))
        : Vector256.Create(
            Lanes128.Bytes(new(a.values.GetLower()), new(b.values.GetLower()), new(c.values.GetLower()), new(d.values.GetLower())),
            Lanes128.Bytes(new(a.values.GetUpper()), new(b.values.GetUpper()), new(c.values.GetUpper()), new(d.values.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Whole(Lanes256 a) => Vector256.ConvertToInt32Native(a.values);
}
