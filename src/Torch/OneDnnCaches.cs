using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch;

/// <summary>
/// oneDNN 3.7 beside a hypervisor that hides an AMD processor's caches (CPUID leaf 0x8000001D answers zeros; Firecracker's does). It then
/// takes the caches for one byte each, which sends its reorders down a way that writes zeros over weights, and divides by zero elsewhere:
/// convolutions are silently wrong, backward writes beyond its memory, wide ones end the process. A processor without such leaves it treats
/// well, by sizes that it guesses; so it is told that there are none.
/// </summary>
public static unsafe class OneDnnCaches
{
    private const int CacheLeaf = unchecked((int)0x8000001D), CacheType = 0x1f, MostLevels = 10, AmdLevels = 3;

    private static readonly Lazy<bool> s_mended = new(MendOnce);

    /// <summary>Whether this machine hides its caches. False on every other machine and system.</summary>
    public static bool AreHidden { get; } = OperatingSystem.IsLinux() && X86Base.IsSupported && IsAmd()
        && (X86Base.CpuId(CacheLeaf, 0).Eax & CacheType) == 0;

    /// <summary>
    /// Makes oneDNN right on this machine, where it needs that; before the first convolution of the process, or of those before it some are
    /// wrong.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">This libtorch is another than the one that is known here, and computes wrongly on
    /// this machine.</exception>
    public static void Mend()
    {
        if (!AreHidden || s_mended.Value || IsRight()) return;
        throw new PlatformNotSupportedException(
            "This virtual machine hides its processor's caches, and oneDNN in this libtorch computes convolutions wrongly without them. "
                + "Have the hypervisor fill CPUID leaf 0x8000001D, or take another machine.");
    }

    /// <summary>Whether a convolution whose weights oneDNN pads is what it should be: each of its values a plain sum of ones.</summary>
    internal static bool IsRight()
    {
        const int Channels = 24, Side = 3;
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var x = ones(2, Channels, Side, Side);
        // Weights that are overwritten with zeros show as less, those that are read from beyond as more.
        var y = functional.conv2d(x, ones(Channels, Channels, Side, Side));
        return y.eq(Channels * Side * Side).all().ToBoolean();
    }

    private static bool MendOnce()
    {
        // oneDNN asks for the processor at its first convolution, and keeps the answer. Of whole vectors, whose weights are not padded,
        // this one is right; what is laid out for it is kept too.
        using (no_grad())
        using (NewDisposeScope())
            functional.conv2d(ones(2, 16, 5, 5), ones(16, 16, 3, 3));
        ForgoNnpack();
        var found = 0;
        foreach (var (start, end) in LibtorchMemory())
        {
            for (var at = (uint*)start; at + Cpu.Words <= (uint*)end; at++)
            {
                if (!Cpu.Is(at)) continue;
                at[Cpu.Levels] = 0;
                found++;
            }
        }
        return found > 0;
    }

    /// <summary>
    /// NNPACK, which some convolutions of single images would use, cannot do without the caches' sizes either: it tells so at every call,
    /// on the error stream, and another takes its place.
    /// </summary>
    private static void ForgoNnpack()
    {
        var (context, enable) = (Aten.Symbol("_ZN2at13globalContextEv"), Aten.Symbol("_ZN2at7Context20setUserEnabledNNPACKEb"));
        if (context == 0 || enable == 0) return;
        ((delegate* unmanaged<void*, byte, void>)enable)(((delegate* unmanaged<void*>)context)(), 0);
    }

    private static bool IsAmd()
    {
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        return Encoding.ASCII.GetString(
            [.. BitConverter.GetBytes(b), .. BitConverter.GetBytes(d), .. BitConverter.GetBytes(c)]) == "AuthenticAMD";
    }

    /// <summary>Where libtorch_cpu's variables lie: its writable pages, and those without a file that follow them.</summary>
    private static List<(nint Start, nint End)> LibtorchMemory()
    {
        var ranges = new List<(nint, nint)>();
        var (last, own) = ((nint)0, false);
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var dash = words[0].IndexOf('-');
            var start = nint.Parse(words[0].AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var end = nint.Parse(words[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            own = words.Length > 5
                ? Path.GetFileName(words[5]).StartsWith("libtorch_cpu.so", StringComparison.Ordinal)
                : own && start == last;
            last = end;
            if (own && words[1].StartsWith("rw", StringComparison.Ordinal)) ranges.Add((start, end));
        }
        return ranges;
    }

    /// <summary>
    /// What oneDNN knows of the processor (Xbyak's Cpu): cores (2), sizes of caches (10), cores that share them (10), levels, a version,
    /// and then the processor's name in numbers.
    /// </summary>
    private static class Cpu
    {
        public const int Sizes = 2, Shared = Sizes + MostLevels, Levels = Shared + MostLevels, Model = Levels + 2, Family = Model
            + 1, Stepping = Family + 1, Words = Stepping + 1;

        /// <summary>Three caches of one byte, each of one core, in this very processor: nothing else looks like that.</summary>
        public static bool Is(uint* at)
        {
            if (at[Levels] != AmdLevels) return false;
            for (var level = 0; level < MostLevels; level++)
            {
                var expected = level < AmdLevels ? 1u : 0;
                if (at[Sizes + level] != expected || at[Shared + level] != expected) return false;
            }
            var signature = (uint)X86Base.CpuId(1, 0).Eax;
            return at[Model] == ((signature >> 4) & 0xf) && at[Family] == ((signature >> 8) & 0xf) && at[Stepping] == (signature & 0xf);
        }
    }
}
