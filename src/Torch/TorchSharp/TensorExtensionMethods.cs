using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static bool ToBoolean(this Tensor value) => value.to_type(ScalarType.Bool).item<bool>();
    public static byte ToByte(this Tensor value) => value.to_type(ScalarType.Byte).item<byte>();
    public static short ToInt16(this Tensor value) => value.to_type(ScalarType.Int16).item<short>();
    public static int ToInt32(this Tensor value) => value.to_type(ScalarType.Int32).item<int>();
    public static long ToInt64(this Tensor value) => value.to_type(ScalarType.Int64).item<long>();
    public static Half ToHalf(this Tensor value) => value.to_type(ScalarType.Float16).item<Half>();
    public static float ToSingle(this Tensor value) => value.to_type(ScalarType.Float32).item<float>();
    public static double ToDouble(this Tensor value) => value.to_type(ScalarType.Float64).item<double>();

    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new NotImplementedException(),
    };
}
