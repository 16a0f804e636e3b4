using DataSsl.Runtime;

namespace DataSsl.Search.Scores;

/// <summary>A downstream task: which features of a candidate are compared with the largest network's (DATA, section 3.3).</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Taps">Maps whose relations are compared; empty for z.</param>
public sealed record SearchTask(string Name, string Features, IReadOnlyList<string> Taps)
{
    /// <summary>Image classification: cosine of z.</summary>
    public static readonly SearchTask Classification = new("classification", "z", []);

    /// <summary>Detection with a C4 head (Faster R-CNN C4): relations of C5.</summary>
    public static readonly SearchTask DetectionC4 = new("detection-c4", "C5", ["C5"]);

    /// <summary>Detection with a feature pyramid: relations of C2 to C5.</summary>
    public static readonly SearchTask Detection = new("detection", "C2-C5", ["C2", "C3", "C4", "C5"]);

    /// <summary>Segmentation (FCN): relations of C4 and C5.</summary>
    public static readonly SearchTask Segmentation = new("segmentation", "C4-C5", ["C4", "C5"]);

    public static IReadOnlyList<SearchTask> All { get; } = [Classification, DetectionC4, Detection, Segmentation];

    public bool UsesEmbedding => Taps.Count == 0;

    public string Metric => UsesEmbedding
        ? "mean cosine to the teacher's"
        : $"minus the cross-entropy of position relations (softmax at {RelationScore.Temperature:0.0#}) to the teacher's, summed over the maps";

    /// <summary>C# identifier part: <c>DetectionC4</c>.</summary>
    public string Identifier => string.Concat(Name.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    /// <summary>Refuses, with a <see cref="UserException"/>, a space that has no such maps as the task compares: three stages end in C3, say.</summary>
    public void MustSuit(SearchSpace space)
    {
        var missing = Taps.Where(tap => space.Segments.All(s => s.Tap != tap)).ToList();
        if (missing.Count == 0) return;
        var suited = All.Where(t => t.Taps.All(tap => space.Segments.Any(s => s.Tap == tap))).Select(t => t.Name);
        throw new UserException($"the task {Name} compares {Features}, but {space.Name} has no {string.Join(", ", missing)}; tasks that it has the maps for: {string.Join(", ", suited)}");
    }

    public static SearchTask Parse(string name) =>
        All.FirstOrDefault(t => t.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase))
        ?? throw new UserException($"unknown task '{name}'; known are {string.Join(", ", All.Select(t => t.Name))}");
}
