namespace TorchSharp;

/// <summary>A number with a type of its own, as PyTorch's operators take them. Numbers convert to it implicitly.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly long Integer;
    internal readonly double Floating;

    private Scalar(long value, torch.ScalarType type) => (Integer, Floating, Type, IsIntegral) = (value, value, type, true);
    private Scalar(double value, torch.ScalarType type) => (Integer, Floating, Type) = ((long)value, value, type);

    public torch.ScalarType Type { get; }
    internal bool IsIntegral { get; }

    public static implicit operator Scalar(bool value) => new(value ? 1 : 0, torch.ScalarType.Bool);
    public static implicit operator Scalar(byte value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(sbyte value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(short value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(int value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(long value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float64);
    public static implicit operator Scalar(float value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(double value) => new(value, torch.ScalarType.Float64);

    /// <summary>Nothing to free: the number lives in this object. Present because TorchSharp's scalars own native memory.</summary>
    public void Dispose() { }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;

    public static bool ToBoolean(this Scalar value) => value.Floating != 0;
    public static byte ToByte(this Scalar value) => (byte)value.Integer;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Integer;
    public static short ToInt16(this Scalar value) => (short)value.Integer;
    public static int ToInt32(this Scalar value) => (int)value.Integer;
    public static long ToInt64(this Scalar value) => value.Integer;
    public static Half ToHalf(this Scalar value) => (Half)value.Floating;
    public static float ToSingle(this Scalar value) => (float)value.Floating;
    public static double ToDouble(this Scalar value) => value.Floating;
}
