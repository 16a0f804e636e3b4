using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Heads;
using static TorchSharp.torch;

namespace DataSsl.Search.Scores;

/// <summary>The teacher's features over the search images, computed once, and the distance of any candidate's to them. Higher scores are better.</summary>
public sealed class Scorer : IDisposable
{
    private readonly NetworkHeads head;
    private readonly Tensor? embedding;
    private readonly Dictionary<int, RelationScore> relations = [];

    /// <param name="networks">Its momentum encoder runs at Max with the statistics of these images.</param>
    /// <param name="tasks">The tasks to score; a <see cref="UserException"/> where the space lacks a map of one.</param>
    /// <param name="images">Search images [N, 3, H, W].</param>
    public Scorer(NetworkPair networks, IReadOnlyList<SearchTask> tasks, Tensor images)
    {
        foreach (var task in tasks) task.MustSuit(networks.Space);
        Tasks = tasks;
        head = networks.StudentHead;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var maps = networks.Teacher.Features(images, networks.Space.Max);
        for (var i = 0; i < maps.Length; i++)
            if (tasks.Any(t => t.Taps.Contains(networks.Space.Segments[i].Tap)))
                relations.Add(i, new(maps[i]));
        if (tasks.Any(t => t.UsesEmbedding)) embedding = networks.TeacherHead.forward(Supernet.Pool(maps[^1])).DetachFromDisposeScope();
        Taps = networks.Space.Segments.Select(s => s.Tap).ToList();
    }

    public IReadOnlyList<SearchTask> Tasks { get; }

    private List<string> Taps { get; }

    /// <summary>Whether any task looks at this segment's map.</summary>
    public bool Looks(int segment) => relations.ContainsKey(segment);

    /// <summary>Cross-entropy of a segment's map to the teacher's.</summary>
    public double Relation(int segment, Tensor map) => relations[segment].CrossEntropy(map);

    /// <summary>Mean cosine between a candidate's z and the teacher's, from its last map; 0 where no task asks.</summary>
    public double Cosine(Tensor lastMap)
    {
        if (embedding is null) return 0;
        using var scope = NewDisposeScope();
        return (head.forward(Supernet.Pool(lastMap)) * embedding).sum(1).mean().item<float>();
    }

    /// <summary>The scores by task from a candidate's cosine and the relations of its segments.</summary>
    public IReadOnlyDictionary<string, double> Combine(double cosine, ReadOnlySpan<double> relationOfSegment)
    {
        var scores = new Dictionary<string, double>();
        foreach (var task in Tasks)
        {
            var score = task.UsesEmbedding ? cosine : 0;
            foreach (var tap in task.Taps) score -= relationOfSegment[Taps.IndexOf(tap)];
            scores.Add(task.Name, score);
        }
        return scores;
    }

    public void Dispose()
    {
        embedding?.Dispose();
        foreach (var relation in relations.Values) relation.Dispose();
    }
}
