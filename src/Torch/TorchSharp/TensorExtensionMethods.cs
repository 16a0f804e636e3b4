using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static bool ToBoolean(this Tensor value) => Item<bool>(value, ScalarType.Bool);
    public static byte ToByte(this Tensor value) => Item<byte>(value, ScalarType.Byte);
    public static short ToInt16(this Tensor value) => Item<short>(value, ScalarType.Int16);
    public static int ToInt32(this Tensor value) => Item<int>(value, ScalarType.Int32);
    public static long ToInt64(this Tensor value) => Item<long>(value, ScalarType.Int64);
    public static Half ToHalf(this Tensor value) => Item<Half>(value, ScalarType.Float16);
    public static float ToSingle(this Tensor value) => Item<float>(value, ScalarType.Float32);
    public static double ToDouble(this Tensor value) => Item<double>(value, ScalarType.Float64);

    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new NotImplementedException(),
    };

    private static T Item<T>(Tensor value, ScalarType type) where T : unmanaged
    {
        using var converted = value.to_type(type);
        return converted.item<T>();
    }
}
