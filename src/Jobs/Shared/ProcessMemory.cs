using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DataSsl.Jobs.Shared;

/// <summary>Memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>Names of glibc's mallopt: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_MMAP_MAX.</summary>
    private const int TrimFrom = -1, MapFrom = -3, MostMapped = -4;

    /// <summary>How many blocks glibc maps by themselves if nothing is said.</summary>
    private const int UsuallyMapped = 1 << 16;

    private const int LargeBytes = 1 << 20, Never = -1;

    /// <summary>
    /// Hands freed tensors back to the system at once. Where left alone, glibc keeps blocks of up to 32 MiB for later as soon as one was
    /// freed, which is a quarter on top of what a search that is to stay within bounds has planned.
    /// </summary>
    public static void GiveBackFreed() => Tell((MostMapped, UsuallyMapped), (MapFrom, LargeBytes));

    /// <summary>
    /// Keeps freed tensors for the next ones: each training step takes as much as the one before, and new pages are a tenth of a step on
    /// small images. The peak stays as it is.
    /// </summary>
    public static void KeepFreed() => Tell((MostMapped, 0), (TrimFrom, Never));

    private static void Tell(params ReadOnlySpan<(int Parameter, int Value)> options)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            foreach (var (parameter, value) in options) _ = mallopt(parameter, value);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has no such habits.
        }
    }

    /// <summary>The largest resident set so far.</summary>
    public static long PeakBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>The present resident set.</summary>
    public static long NowBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    [DllImport("libc")] private static extern int mallopt(int parameter, int value);
}
