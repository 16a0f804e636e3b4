using System.Globalization;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>
/// How much memory the process takes more than before while something runs, native memory included: the system counts its pages.
/// </summary>
internal static class PeakMemory
{
    /// <summary>The bytes, or null where the system does not count anew when asked to.</summary>
    public static long? Of(Action action)
    {
        if (!OperatingSystem.IsLinux()) return null;
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
        System.IO.File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmRSS");
        action();
        // Threads tell the system of their pages a few at a time, so that a peak may read as less than what was there before it.
        return Math.Max(0, Status("VmHWM") - before);
    }

    [DllImport("libc")] private static extern int malloc_trim(nuint pad);

    private static long Status(string name) =>
        1024 * long.Parse(
            System.IO.File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
