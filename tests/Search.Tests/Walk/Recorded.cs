using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Walk;

/// <summary>
/// What a walk reported: likeness by candidate, task by task and in each image by image. It walks as a search does: prepared networks,
/// images as the view maker lays them.
/// </summary>
internal static class Recorded
{
    public static Dictionary<Architecture, double[]> Walk(
        NetworkPair networks, Tensor images, IReadOnlyCollection<Architecture> candidates, int? atOnce = null,
        IReadOnlyList<SearchTask>? tasks = null, Tensor? foreign = null)
    {
        PrefixWalk.Prepare(networks, atOnce ?? (int)images.shape[0]);
        using var laid = MemoryFormat.ChannelsLast(images);
        using var scorer = new Scorer(networks, tasks ?? SearchTask.All, laid, foreign);
        var scores = new Dictionary<Architecture, double[]>();
        PrefixWalk.Run(networks, scorer, candidates, laid, scores.Add);
        return scores;
    }

    /// <summary>The score of one of <see cref="SearchTask.All"/>.</summary>
    public static double Score(this double[] likeness, int task) =>
        likeness.AsSpan(task * (likeness.Length / SearchTask.All.Count), likeness.Length / SearchTask.All.Count).ToArray().Average();
}
