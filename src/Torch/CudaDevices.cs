using System.Runtime.InteropServices;
using TorchSharp;

namespace DataSsl.Torch;

/// <summary>The GPUs that libtorch can use, by the names that the driver gives them; TorchSharp counts them only.</summary>
public static unsafe class CudaDevices
{
    /// <summary>In CUDA's order; empty where there is none.</summary>
    public static IReadOnlyList<string> Names()
    {
        if (!torch.cuda.is_available()) return [];
        var names = new string[torch.cuda.device_count()];
        var driver = NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda" : "libcuda.so.1", out var library) ? library : 0;
        for (var i = 0; i < names.Length; i++) names[i] = (driver == 0 ? null : Name(driver, i)) ?? "unnamed";
        return names;
    }

    private static string? Name(nint driver, int index)
    {
        if (!NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetName", out var name))
            return null;
        const int length = 256;
        var text = stackalloc byte[length];
        int device;
        return ((delegate* unmanaged<int*, int, int>)get)(&device, index) == 0
            && ((delegate* unmanaged<byte*, int, int, int>)name)(text, length, device) == 0
            ? Marshal.PtrToStringUTF8((nint)text)
            : null;
    }
}
