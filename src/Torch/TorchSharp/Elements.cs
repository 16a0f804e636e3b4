using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Which element type a .NET type is.</summary>
internal static class Elements
{
    internal static ScalarType? TypeOf<T>() where T : unmanaged => TypeOf(typeof(T));

    internal static ScalarType? TypeOf(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(Half) ? ScalarType.Float16
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(sbyte) ? ScalarType.Int8
        : null;
}
