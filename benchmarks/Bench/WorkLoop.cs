using System.Diagnostics;
using System.Globalization;
using DataSsl.Jobs.Shared;

namespace DataSsl.Bench;

/// <summary>Our side of a contest: one process that works when asked, like its peers.</summary>
internal static class WorkLoop
{
    /// <summary>
    /// Answers each line on the input with the seconds that its work took; after an empty line, with the peak resident bytes.
    /// </summary>
    /// <param name="prepare">Reads a line, outside the measured time, and gives the work.</param>
    /// <param name="steadySeconds">Short work is done once unmeasured, as threads sleep and caches are another's when a turn begins, then
    /// over and over for so long: its mean. 0 for once.</param>
    public static int Run(Func<string, Action> prepare, double steadySeconds = 0)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var work = prepare(line);
            if (steadySeconds > 0) work();
            var (start, times, seconds) = (Stopwatch.GetTimestamp(), 0, 0.0);
            for (; times == 0 || seconds < steadySeconds; times++, seconds = Stopwatch.GetElapsedTime(start).TotalSeconds) work();
            Console.WriteLine((seconds / times).ToString("R", CultureInfo.InvariantCulture));
        }
        Console.WriteLine(ProcessMemory.PeakBytes());
        return 0;
    }
}
