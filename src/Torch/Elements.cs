using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DataSsl.Kernels;

namespace DataSsl.Torch;

/// <summary>How the values of a map lie in memory; kernels compute with them in 32 bits.</summary>
internal unsafe interface IElement
{
    static abstract nint Size { get; }

    static abstract TVector Load<TVector>(void* values, nint at) where TVector : unmanaged, IVector<TVector>;

    static abstract void Store<TVector>(TVector value, void* values, nint at) where TVector : unmanaged, IVector<TVector>;

    static abstract float Load(void* values, nint at);

    static abstract void Store(float value, void* values, nint at);
}

/// <summary>32-bit values.</summary>
internal readonly unsafe struct Single32 : IElement
{
    public static nint Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector>(void* values, nint at) where TVector : unmanaged, IVector<TVector> =>
        TVector.Load((float*)values + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector>(TVector value, void* values, nint at) where TVector : unmanaged, IVector<TVector> =>
        value.Store((float*)values + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(void* values, nint at) => ((float*)values)[at];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float value, void* values, nint at) => ((float*)values)[at] = value;
}

/// <summary>bfloat16: the upper half of a 32-bit value, rounded to the nearest, ties to even; what is not a number stays so.</summary>
internal readonly unsafe struct Brain16 : IElement
{
    private const uint NotANumber = 0x7fc0;

    public static nint Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector>(void* values, nint at) where TVector : unmanaged, IVector<TVector>
    {
        var from = (ushort*)values + at;
        if (typeof(TVector) == typeof(Lanes512)) return Unsafe.BitCast<Vector512<uint>, TVector>(Widened512(Vector256.Load(from)) << 16);
        if (typeof(TVector) == typeof(Lanes256)) return Unsafe.BitCast<Vector256<uint>, TVector>(Widened256(Vector128.Load(from)) << 16);
        return Unsafe.BitCast<Vector128<uint>, TVector>(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)from).AsUInt16()) << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector>(TVector value, void* values, nint at) where TVector : unmanaged, IVector<TVector>
    {
        var to = (ushort*)values + at;
        if (typeof(TVector) == typeof(Lanes512))
        {
            var bits = Unsafe.BitCast<TVector, Vector512<uint>>(value);
            var even = (bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
            var number = Vector512.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32();
            Vector256.Store(Narrowed512(Vector512.ConditionalSelect(number, even, Vector512.Create(NotANumber))), to);
        }
        else if (typeof(TVector) == typeof(Lanes256))
        {
            var bits = Unsafe.BitCast<TVector, Vector256<uint>>(value);
            var even = (bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256<uint>.One)) >> 16;
            var number = Vector256.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32();
            var rounded = Vector256.ConditionalSelect(number, even, Vector256.Create(NotANumber));
            Vector128.Store(Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()), to);
        }
        else
        {
            var bits = Unsafe.BitCast<TVector, Vector128<uint>>(value);
            var even = (bits + Vector128.Create(0x7fffu) + ((bits >> 16) & Vector128<uint>.One)) >> 16;
            var number = Vector128.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32();
            var rounded = Vector128.ConditionalSelect(number, even, Vector128.Create(NotANumber));
            *(ulong*)to = Vector128.Narrow(rounded, rounded).AsUInt64().ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(void* values, nint at) => BitConverter.UInt32BitsToSingle((uint)((ushort*)values)[at] << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float value, void* values, nint at)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)values)[at] = (ushort)(float.IsNaN(value) ? NotANumber : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widened512(Vector256<ushort> values) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512UInt32(values)
            : Vector512.Create(Vector256.WidenLower(values), Vector256.WidenUpper(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widened256(Vector128<ushort> values) =>
        Avx2.IsSupported
            ? Avx2.ConvertToVector256Int32(values).AsUInt32()
            : Vector256.Create(Vector128.WidenLower(values), Vector128.WidenUpper(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Narrowed512(Vector512<uint> values) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(values) : Vector256.Narrow(values.GetLower(), values.GetUpper());
}
