using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace DataSsl.Torch;

/// <summary>What stands behind the TorchSharp API on this machine, for reports and provenance.</summary>
public static partial class LibtorchInfo
{
    /// <summary>
    /// The version of the libtorch that was really loaded, such as <c>2.10</c>; TorchSharp tells only the one that it was built for.
    /// </summary>
    public static string Version
    {
        get
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            // The major version in the highest byte, the minor in the next.
            var version = aoti_torch_abi_version();
            return string.Create(CultureInfo.InvariantCulture, $"{version >> 56}.{version >> 48 & 0xFF}");
        }
    }

    /// <summary>The file that libtorch was loaded from.</summary>
    public static string Path => LoadedFile("libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib");

    /// <summary>The number of threads that one operator may use.</summary>
    public static int Threads => torch.get_num_threads();

    /// <summary>Whether this libtorch can use a GPU that is present.</summary>
    public static bool HasCuda => torch.cuda.is_available();

    /// <summary>
    /// Whether bfloat16 arithmetic runs natively: on any CUDA device, and on processors with AVX-512 BF16 or AMX BF16. Elsewhere it is
    /// emulated, which is slower than float32.
    /// </summary>
    public static bool HasNativeBFloat16(torch.Device device) => device.type == DeviceType.CUDA || Processor.HasBFloat16;

    /// <summary>Of libtorch's stable C ABI, from 2.10 on.</summary>
    [LibraryImport("torch_cpu")] private static partial ulong aoti_torch_abi_version();

    private static string LoadedFile(params string[] names)
    {
        torch.InitializeDeviceType(DeviceType.CPU);
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Modules.Cast<System.Diagnostics.ProcessModule>()
                .FirstOrDefault(module => names.Contains(System.IO.Path.GetFileName(module.FileName)))?.FileName
            ?? "unknown";
    }
}
