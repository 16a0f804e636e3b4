using System.Diagnostics;
using DataSsl.Jobs.Shared;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>Tells how far a training has come, with the mean loss since it last did and the time that is left.</summary>
/// <param name="total">Steps in all.</param>
/// <param name="first">Steps that an earlier run made.</param>
internal sealed class DenseProgress(int total, int first)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private TimeSpan next = s_every;
    private double sum;
    private int count;

    public void Report(int step, double loss)
    {
        (sum, count) = (sum + loss, count + 1);
        if (watch.Elapsed < next && step < total) return;
        var aStep = watch.Elapsed / (step - first);
        Notices.Tell(
            $"{step:N0} of {total:N0} steps  loss {sum / count:0.000}  {aStep.TotalSeconds:0.00} s a step  {Wording.Short(aStep * (total - step))} left");
        (next, sum, count) = (watch.Elapsed + s_every, 0, 0);
    }
}
