using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Walk;

/// <summary>What a walk reported: scores by candidate, and the blocks that it computed.</summary>
internal sealed record Recorded(Dictionary<Architecture, IReadOnlyDictionary<string, double>> Scores, long Blocks)
{
    public static Recorded Walk(NetworkPair networks, Tensor images, IReadOnlyCollection<Architecture> candidates)
    {
        using var scorer = new Scorer(networks, SearchTask.All, images);
        var scores = new Dictionary<Architecture, IReadOnlyDictionary<string, double>>();
        var blocks = PrefixWalk.Run(networks, scorer, candidates, images, scores.Add);
        return new(scores, blocks);
    }
}
