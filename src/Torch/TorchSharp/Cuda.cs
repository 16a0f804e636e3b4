using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;
        public static int device_count() => Shim.Check(Shim.dsl_device_count((int)DeviceType.CUDA));
        public static bool is_cudnn_available() => is_available() && Shim.dsl_has_cudnn() != 0;
        public static void manual_seed(long seed) => torch.manual_seed(seed);
        public static void manual_seed_all(long seed) => torch.manual_seed(seed);

        public static void synchronize(Device? device = null) =>
            Shim.Check(Shim.dsl_device_synchronize((int)(device?.type ?? DeviceType.CUDA), device?.index ?? -1));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => Shim.dsl_get_allow_tf32(0) != 0;
                    set => Shim.dsl_allow_tf32(value ? 1 : 0, Shim.dsl_get_allow_tf32(1));
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => Shim.dsl_get_allow_tf32(1) != 0;
                set => Shim.dsl_allow_tf32(Shim.dsl_get_allow_tf32(0), value ? 1 : 0);
            }
        }
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType is DeviceType.CPU or DeviceType.META || Shim.Check(Shim.dsl_device_count((int)deviceType)) > 0;

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw NoDevice(deviceType);
    }

    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }
}
