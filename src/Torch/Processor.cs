using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace DataSsl.Torch;

/// <summary>What the processor can do for tensors, and what libtorch makes of it.</summary>
public static unsafe class Processor
{
    private static readonly Lazy<HashSet<string>> s_flags = new(
        () => [.. Told("flags")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []]);

    private static readonly Lazy<(bool BFloat16, bool Amx)> s_below = new(
        () => Below(Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA")));

    private static readonly Lazy<string> s_capability = new(() => Reported() ?? Derived());

    /// <summary>
    /// The vectors that libtorch's own kernels use: <c>AVX512</c>, <c>AVX2</c> or <c>DEFAULT</c> (on Arm, that is NEON). The variable
    /// ATEN_CPU_CAPABILITY lowers it.
    /// </summary>
    public static string Capability => s_capability.Value;

    /// <summary>
    /// The processor's name, or its architecture where the system tells none, and the vectors that libtorch uses: what a time is of.
    /// </summary>
    public static string Description => $"{Told("model name") ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Capability}";

    /// <summary>
    /// Whether the processor multiplies matrices of bfloat16 in tiles, and oneDNN may; told by Linux only. The variable ONEDNN_MAX_CPU_ISA
    /// takes it away.
    /// </summary>
    public static bool HasAmx => s_flags.Value.Contains("amx_bf16") && !s_below.Value.Amx;

    /// <summary>
    /// Whether bfloat16 arithmetic is an instruction, by AVX-512 or AMX, and oneDNN may use it; told by Linux only. .NET tells of neither.
    /// </summary>
    public static bool HasBFloat16 => (s_flags.Value.Contains("avx512_bf16") && !s_below.Value.BFloat16) || HasAmx;

    /// <summary>
    /// Whether the instructions that oneDNN is held to, by its own names in any case, end below those of bfloat16 and of its tiles. It
    /// takes a name that it does not know for no limit.
    /// </summary>
    internal static (bool BFloat16, bool Amx) Below(string? limit)
    {
        var name = limit?.ToUpperInvariant();
        var below = name is "SSE41" or "AVX" or "AVX2" or "AVX2_VNNI" or "AVX2_VNNI_2" or "AVX512_CORE" or "AVX512_CORE_VNNI";
        return (below, below || name is "AVX512_CORE_BF16" or "AVX512_CORE_FP16" or "AVX10_1_512");
    }

    /// <summary>What Linux tells of the first processor under a name.</summary>
    private static string? Told(string name) =>
        File.Exists("/proc/cpuinfo")
            && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : null;

    /// <summary>
    /// libtorch's word. Its function gives a C++ string, which by the calling convention of x64 Linux it writes where its hidden first
    /// argument points: the address of the text, its length, and 16 bytes that hold a short text. The names are short, so nothing is there
    /// to be freed.
    /// </summary>
    private static string? Reported()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        var function = Aten.Symbol("_ZN2at18get_cpu_capabilityB5cxx11Ev");
        if (function == 0) return null;
        var text = stackalloc nint[4];
        ((delegate* unmanaged<nint*, nint>)function)(text);
        return Encoding.ASCII.GetString((byte*)text[0], (int)text[1]);
    }

    /// <summary>What libtorch's own test of the processor comes to, where it cannot be asked.</summary>
    internal static string Derived()
    {
        var wanted = Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY");
        var most = Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported && Fma.IsSupported
            ? "AVX512"
            : Avx2.IsSupported && Fma.IsSupported
            ? "AVX2"
            : "DEFAULT";
        return wanted switch
        {
            "default" => "DEFAULT",
            "avx2" when most == "AVX512" => "AVX2",
            _ => most,
        };
    }
}
