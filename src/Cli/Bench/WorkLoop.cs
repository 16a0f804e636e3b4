using System.Diagnostics;
using System.Globalization;

namespace DataSsl.Cli.Bench;

/// <summary>Our side of a contest: one process that works when asked, like its peers.</summary>
internal static class WorkLoop
{
    /// <summary>Answers each line on the input with the seconds that its work took; after an empty line, with the peak resident bytes.</summary>
    /// <param name="prepare">Reads a line, outside the measured time, and gives the work.</param>
    public static int Run(Func<string, Action> prepare)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var work = prepare(line);
            var start = Stopwatch.GetTimestamp();
            work();
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        }
        Console.WriteLine(ProcessMemory.PeakBytes());
        return 0;
    }
}
