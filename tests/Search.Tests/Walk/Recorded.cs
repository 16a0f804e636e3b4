using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Walk;

/// <summary>What a walk reported: likeness by candidate, task by task and in each image by image.</summary>
internal static class Recorded
{
    public static Dictionary<Architecture, double[]> Walk(NetworkPair networks, Tensor images, IReadOnlyCollection<Architecture> candidates, int? atOnce = null, IReadOnlyList<SearchTask>? tasks = null)
    {
        (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (atOnce, atOnce);
        using var scorer = new Scorer(networks, tasks ?? SearchTask.All, images);
        var scores = new Dictionary<Architecture, double[]>();
        PrefixWalk.Run(networks, scorer, candidates, images, scores.Add);
        return scores;
    }

    /// <summary>The score of one of <see cref="SearchTask.All"/>.</summary>
    public static double Score(this double[] likeness, int task) => likeness.AsSpan(task * (likeness.Length / SearchTask.All.Count), likeness.Length / SearchTask.All.Count).ToArray().Average();
}
