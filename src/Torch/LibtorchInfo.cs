using TorchSharp;

namespace DataSsl.Torch;

/// <summary>What stands behind the TorchSharp API on this machine, for reports and provenance.</summary>
public static class LibtorchInfo
{
    /// <summary>libtorch's version, such as <c>1.13.1</c>.</summary>
    public static string Version => torch.__version__;

    /// <summary>The file that libtorch was loaded from.</summary>
    public static string Path => LoadedFile("libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib");

    /// <summary>The number of threads that one operator may use.</summary>
    public static int Threads => torch.get_num_threads();

    /// <summary>Whether this libtorch can use a GPU that is present.</summary>
    public static bool HasCuda => torch.cuda.is_available();

    /// <summary>
    /// Whether bfloat16 arithmetic runs natively: on any CUDA device, and on processors with AVX-512 BF16 or AMX BF16. Elsewhere it is emulated,
    /// which is slower than float32.
    /// </summary>
    public static bool HasNativeBFloat16(torch.Device device) => device.type == DeviceType.CUDA || s_processorHasBFloat16.Value;

    private static string LoadedFile(params string[] names)
    {
        torch.InitializeDeviceType(DeviceType.CPU);
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Modules.Cast<System.Diagnostics.ProcessModule>().FirstOrDefault(module => names.Contains(System.IO.Path.GetFileName(module.FileName)))?.FileName ?? "unknown";
    }

    // .NET tells of neither instruction set, the kernel of both.
    private static readonly Lazy<bool> s_processorHasBFloat16 = new(() =>
        File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) is { } flags
        && flags.Split(' ').Any(flag => flag is "avx512_bf16" or "amx_bf16"));
}
