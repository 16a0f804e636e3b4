using System.Diagnostics;

namespace DataSsl.Cli;

/// <summary>Memory of this process.</summary>
internal static class ProcessMemory
{
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
}
