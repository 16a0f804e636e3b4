namespace TorchSharp;

public static partial class torch
{
    private static ScalarType s_defaultType = ScalarType.Float32;
    private static Device? s_defaultDevice;

    public static ScalarType get_default_dtype() => s_defaultType;

    public static void set_default_dtype(ScalarType dtype) => s_defaultType = dtype is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64
        ? dtype
        : throw new ArgumentException("only floating-point types are supported as the default type");

    public static Device get_default_device() => s_defaultDevice ?? CPU;
    public static void set_default_device(Device device) => s_defaultDevice = device;
    public static void set_default_device(string device) => set_default_device(new Device(device));
}
