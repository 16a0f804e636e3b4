using System.Diagnostics;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>Times networks and their blocks as they are used: in a form that <c>emit</c> writes, one image at a time.</summary>
internal static class Timing
{
    private const int Rounds = 7;
    private const int FewestPasses = 3;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(10);

    /// <summary>A network in a form.</summary>
    /// <param name="device">The CPU, but for the TorchSharp class.</param>
    public static ITimedNetwork Network(Architecture architecture, int size, LatencyForm form, Device device) =>
        form == LatencyForm.Folded
            ? new TimedClass(architecture, size, device)
            : new TimedPure(architecture, size, inBytes: form == LatencyForm.CSharpInt8);

    /// <summary>
    /// Seconds of each pass: the median over rounds of the median within a round. They take turns round by round, so that what else the
    /// machine does for a while is not taken for the slowness of one of them.
    /// </summary>
    public static double[] Seconds(IReadOnlyList<Action> passes)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var medians = passes.Select(_ => new List<double>()).ToList();
        // The first round loads kernels and fills caches.
        for (var round = 0; round <= Rounds; round++)
            for (var i = 0; i < passes.Count; i++)
            {
                var median = OfOneRound(passes[i]);
                if (round > 0) medians[i].Add(median);
            }
        return [.. medians.Select(Median)];
    }

    private static double OfOneRound(Action pass)
    {
        var seconds = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); seconds.Count < FewestPasses || Stopwatch.GetElapsedTime(start) < Round;)
        {
            var began = Stopwatch.GetTimestamp();
            pass();
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        return Median(seconds);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
