using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DataSsl.Cli.Shared;

/// <summary>Memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>M_MMAP_THRESHOLD of glibc's mallopt.</summary>
    private const int MapFrom = -3;

    private const int LargeBytes = 1 << 20;

    /// <summary>
    /// Hands freed tensors back to the system at once. Where left alone, glibc keeps blocks of up to 32 MiB for later as soon as one was
    /// freed, which is a quarter on top of what a search that is to stay within bounds has planned.
    /// </summary>
    public static void GiveBackFreed()
    {
        try
        {
            _ = mallopt(MapFrom, LargeBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has no such habit.
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
