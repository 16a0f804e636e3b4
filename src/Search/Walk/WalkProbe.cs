using System.Diagnostics;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Search.Walk;

/// <summary>How fast this machine walks, from walking for a while over candidates drawn from all of the set.</summary>
public static class WalkProbe
{
    private const int Neighbours = 12;

    /// <summary>Multiply-accumulates a second, scores included.</summary>
    /// <param name="candidates">Those of the search to come.</param>
    public static double MacsPerSecond(
        NetworkPair networks, Scorer scorer, IReadOnlyList<Architecture> candidates, Tensor images, double seconds,
        CancellationToken cancellation = default)
    {
        var (macs, random) = (new BlockMacs(networks.Space, (int)images.shape[3]), CounterRandom.For(0, "walk probe"));
        var (work, busy) = (0.0, TimeSpan.Zero);
        for (var round = 0; round == 0 || busy.TotalSeconds < seconds; round++)
        {
            // Neighbours share what candidates of the walk share: a run of them is a piece of it.
            var start = (int)random.Below(Math.Max(1, candidates.Count - Neighbours + 1));
            var part = candidates.Skip(start).Take(Neighbours).ToList();
            // What a walk does once, kernels loaded and slices of weights copied, is no part of its pace.
            PrefixWalk.Run(networks, scorer, part, images, (_, _) => { }, cancellation);
            var watch = Stopwatch.StartNew();
            PrefixWalk.Run(networks, scorer, part, images, (_, _) => { }, cancellation);
            busy += watch.Elapsed;
            work += (double)macs.OfTrie(part) * images.shape[0];
        }
        return work / busy.TotalSeconds;
    }
}
