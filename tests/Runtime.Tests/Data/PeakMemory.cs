using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>
/// How much memory the process takes more than before while something runs, native memory included: the system counts its pages.
/// </summary>
internal static class PeakMemory
{
    /// <summary>Names of glibc's mallopt: M_MMAP_THRESHOLD and M_MMAP_MAX.</summary>
    private const int MapFrom = -3, MostMapped = -4;

    private const int Large = 1 << 20, UsuallyMapped = 1 << 16;

    /// <summary>The bytes, or null where the system does not count anew when asked to.</summary>
    public static long? Of(Action action)
    {
        if (!OperatingSystem.IsLinux()) return null;
        AwaitCompiler();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            System.IO.File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        // What the C library keeps of freed blocks would serve unseen.
        _ = malloc_trim(0);
        var gaps = TakeGaps();
        try
        {
            System.IO.File.WriteAllText("/proc/self/clear_refs", "5");
            var before = Status("VmRSS");
            action();
            // Threads tell the system of their pages a few at a time, so that a peak may read as less than what was there before it.
            return Math.Max(0, Status("VmHWM") - before);
        }
        finally
        {
            foreach (var gap in gaps) free(gap);
        }
    }

    /// <summary>
    /// .NET compiles methods anew behind the program's back, some 100 ms after it has begun something new, which takes MiB by itself.
    /// </summary>
    private static void AwaitCompiler()
    {
        for (var (count, tries) = (-1L, 0); count != JitInfo.GetCompiledMethodCount() && tries < 20; tries++)
        {
            count = JitInfo.GetCompiledMethodCount();
            Thread.Sleep(150);
        }
    }

    /// <summary>
    /// Fills the gaps that freed blocks have left in this thread's heap, without touching their pages. A large block that comes to lie in
    /// one stays resident when it is freed, and would count beside the next; without gaps it is mapped by itself, and goes when freed.
    /// </summary>
    private static List<nint> TakeGaps()
    {
        // Training in this process may have forbidden it.
        _ = mallopt(MostMapped, UsuallyMapped);
        _ = mallopt(MapFrom, Large);
        var gaps = new List<nint>();
        while (true)
        {
            var mapped = mallinfo2().Mapped;
            gaps.Add(malloc(Large));
            if (mallinfo2().Mapped > mapped) return gaps;
        }
    }

    [DllImport("libc")] private static extern int malloc_trim(nuint pad);

    [DllImport("libc")] private static extern int mallopt(int parameter, int value);

    [DllImport("libc")] private static extern nint malloc(nuint size);

    [DllImport("libc")] private static extern void free(nint block);

    [DllImport("libc")] private static extern HeapCounts mallinfo2();

    private static long Status(string name) =>
        1024 * long.Parse(
            System.IO.File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    /// <summary>What glibc counts of its heaps; the fifth number are the bytes of blocks mapped by themselves.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 10 * sizeof(ulong))]
    private readonly struct HeapCounts
    {
        private readonly ulong inHeaps, freeBlocks, fastBlocks, mappedBlocks;

        public readonly ulong Mapped;
    }
}
