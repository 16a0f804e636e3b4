using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Heads;
using static TorchSharp.torch;

namespace DataSsl.Search.Scores;

/// <summary>
/// The teacher's features over the search images, computed once, and the likeness of any candidate's to them. Higher scores are better.
/// </summary>
public sealed class Scorer : IDisposable
{
    private readonly List<(int Segment, Metric Metric, bool OfEmbedding, IFeatureScore Score)> features = [];
    private readonly int[][] featuresOfTask;

    /// <param name="networks">Its momentum encoder runs at Max with the statistics of these images.</param>
    /// <param name="tasks">The tasks to score; a <see cref="UserException"/> where the space lacks a map of one.</param>
    /// <param name="images">Search images [N, 3, H, W].</param>
    /// <param name="foreign">A foreign teacher's unit embeddings of them [N, D], for the tasks that are scored against it.</param>
    public Scorer(NetworkPair networks, IReadOnlyList<SearchTask> tasks, Tensor images, Tensor? foreign = null)
    {
        foreach (var task in tasks)
        {
            task.MustSuit(networks.Space);
            task.MustSuit((int)images.shape[0]);
        }
        (Tasks, Images) = (tasks, (int)images.shape[0]);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (space, teacher, related) = (networks.Space, networks.Teacher, new HashSet<string>());
        var x = teacher.Prepare(images);
        for (var i = 0; i < space.Segments.Count; i++)
        {
            var next = teacher.Segment(i, x, space.Max);
            x.Dispose();
            x = next;
            if (x.dim() == 4 && x.numel() == x.shape[1])
                throw new UserException(
                    $"one image of {images.shape[3]} px leaves one value a channel at {space.Segments[i].Tap}, of which BatchNorm has no statistics: give more images, and --images 2 or more");
            var compared = tasks.Where(t => t.Taps.Contains(space.Segments[i].Tap)).Select(t => t.Metric).Distinct();
            foreach (var metric in compared)
            {
                var score = new RelationScore(x, metric);
                features.Add((i, metric, false, score));
                if (score.Positions > 1) related.Add(space.Segments[i].Tap);
            }
        }
        var z = networks.TeacherHead.forward(Supernet.Pool(x));
        foreach (var metric in tasks.Where(t => t.UsesEmbedding).Select(t => t.Metric).Distinct())
            features.Add(
                (space.Segments.Count - 1, metric, true, metric == Metric.ForeignRelation ? new EmbeddingScore(foreign!)
                    : new EmbeddingScore(networks.StudentHead, z, metric)));
        // Of one position alone, as of a small image's last map, every candidate's score is the same.
        if (tasks.FirstOrDefault(t => !t.UsesEmbedding && !t.Taps.Any(related.Contains)) is { } blind)
        {
            Dispose();
            throw new UserException(
                $"the task {blind.Name} relates the positions of {blind.Features}, which has one alone at {images.shape[3]} px: give larger images by --size (of detectors and segmenters by --score-size), or another of --tasks");
        }
        featuresOfTask = [.. tasks.Select(t => Enumerable.Range(0, features.Count).Where(f => Uses(t, f)).ToArray())];

        bool Uses(SearchTask task, int f) =>
            features[f] is var feature && feature.Metric == task.Metric && feature.OfEmbedding == task.UsesEmbedding
            && (task.UsesEmbedding || task.Taps.Contains(space.Segments[feature.Segment].Tap));
    }

    /// <summary>The tasks, in the order of each candidate's scores.</summary>
    public IReadOnlyList<SearchTask> Tasks { get; }

    /// <summary>How many images there are.</summary>
    public int Images { get; }

    /// <summary>Room for the likeness of every feature: what a walk keeps of the present path.</summary>
    public double[][] NewPath() => new double[features.Count][];

    /// <summary>Compares a segment's output, where a task looks at it, and keeps the likeness of each image in the path.</summary>
    public void Compare(int segment, Tensor output, double[][] path)
    {
        for (var f = 0; f < features.Count; f++)
            if (features[f].Segment == segment)
                path[f] = features[f].Score.OfEach(output);
    }

    /// <summary>The likeness by task and image of the candidate that a whole path leads to: [tasks, images] row by row.</summary>
    public double[] Combine(double[][] path)
    {
        var likeness = new double[Tasks.Count * Images];
        for (var task = 0; task < Tasks.Count; task++)
            foreach (var f in featuresOfTask[task])
                for (var image = 0; image < Images; image++)
                    likeness[task * Images + image] += path[f][image];
        return likeness;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var feature in features) feature.Score.Dispose();
    }
}
