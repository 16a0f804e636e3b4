using System.Diagnostics;

namespace DataSsl.Jobs.Shared;

/// <summary>
/// Prints how far long work has come, with its rate and the time left, every few seconds; of work that ends before the first of them
/// nothing.
/// </summary>
internal sealed class ProgressLine(int total, string unit)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private TimeSpan next = Every;

    public void Report(int done)
    {
        if (watch.Elapsed < next && (done < total || next == Every)) return;
        next = watch.Elapsed + Every;
        var rate = done / Math.Max(watch.Elapsed.TotalSeconds, 1e-3);
        Notices.Tell($"{done:N0} of {total:N0} {unit}  {rate:0.0}/s  {Wording.Short(TimeSpan.FromSeconds((total - done) / rate))} left");
    }
}
