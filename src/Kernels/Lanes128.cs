using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>4 values: Arm64, and x64 without AVX2.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> values) : IVector<Lanes128>
{
    private readonly Vector128<float> values = values;

    public static int Width => 4;

    public static bool AreOfBytes => false;

    public static int Rows => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) =>
        new(Vector128.MultiplyAddEstimate(a.values, b.values, c.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored =>
        finish.Rows<Lanes128, Lanes128, TColumns, TStored>(sums, rows, y, at, stride, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Converted<TSums>(int* a, int* b) where TSums : unmanaged, ISums<TSums> =>
        new(Vector128.ConvertToSingle(Vector128.Load(a) + Vector128.Load(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 a, Lanes128 b) => new(Vector128.MaxNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 a, Lanes128 b) => new(Vector128.MinNative(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 a) => new(Vector128.Abs(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Floor(Lanes128 a) => new(Vector128.Floor(a.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 a) => new(((Vector128.ConvertToInt32(a.values) + Vector128.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CopySign(Lanes128 a, Lanes128 b) => new(Vector128.CopySign(a.values, b.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 a) => Vector128.Sum(a.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes128 a) =>
        MathF.Max(MathF.Max(a.values.GetElement(0), a.values.GetElement(1)), MathF.Max(a.values.GetElement(2), a.values.GetElement(3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 a, Lanes128 b) => new(a.values + b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 a, Lanes128 b) => new(a.values - b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 a, Lanes128 b) => new(a.values * b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 a, Lanes128 b) => new(a.values / b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => Vector128.Store(values, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreQuarters(float* target) => Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes128 a, byte* target) => *(int*)target = Bytes(a, a, a, a).AsInt32().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes128 a, Lanes128 b, byte* target) => *(long*)target = Bytes(a, b, a, b).AsInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d, byte* target) => Bytes(a, b, c, d).Store(target);

    /// <summary>Values from 0 to 255, cut to whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bytes(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d)
    {
        var (first, second) = (Vector128.ConvertToInt32Native(a.values), Vector128.ConvertToInt32Native(b.values));
        var (third, fourth) = (Vector128.ConvertToInt32Native(c.values), Vector128.ConvertToInt32Native(d.values));
        return Sse2.IsSupported
            ? Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(first, second), Sse2.PackSignedSaturate(third, fourth))
            : Vector128.Narrow(Vector128.Narrow(first, second).AsUInt16(), Vector128.Narrow(third, fourth).AsUInt16());
    }
}
