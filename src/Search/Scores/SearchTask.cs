using System.Text.RegularExpressions;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Scores;

/// <summary>
/// A downstream task: which features of a candidate are compared with the largest network's, and how (DATA, section 3.3).
/// </summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Features">As on the command line: z, C5, C2-C5, C2+C4.</param>
/// <param name="Taps">Maps whose relations are compared; empty for z.</param>
public sealed partial record SearchTask(string Name, string Features, IReadOnlyList<string> Taps, Metric Metric)
{
    private static readonly string Syntax = "give a known one, or define one as name=FEATURES:METRIC, such as mine=C3-C5:relation or "
        + "mine=z:cosine (features z, C1 to C5, C2-C5, C2+C4; "
        + $"metrics of maps {MetricName.Known(ofEmbedding: false)}; of z {MetricName.Known(ofEmbedding: true)})";

    /// <summary>Image classification: cosine of z.</summary>
    public static readonly SearchTask Classification = new("classification", "z", [], Metric.Cosine);

    /// <summary>Detection with a C4 head (Faster R-CNN C4): relations of C5.</summary>
    public static readonly SearchTask DetectionC4 = new("detection-c4", "C5", ["C5"], Metric.Relation);

    /// <summary>Detection with a feature pyramid: relations of C2 to C5.</summary>
    public static readonly SearchTask Detection = new("detection", "C2-C5", ["C2", "C3", "C4", "C5"], Metric.Relation);

    /// <summary>Segmentation (FCN): relations of C4 and C5.</summary>
    public static readonly SearchTask Segmentation = new("segmentation", "C4-C5", ["C4", "C5"], Metric.Relation);

    /// <summary>The tasks that are known by name alone.</summary>
    public static IReadOnlyList<SearchTask> All { get; } = [Classification, DetectionC4, Detection, Segmentation];

    /// <summary>Whether z is compared, and not maps.</summary>
    public bool UsesEmbedding => Taps.Count == 0;

    /// <summary>The score in words; higher is always better.</summary>
    public string Description => (UsesEmbedding, Metric) switch
    {
        (true, Metric.Cosine) => "mean cosine to the teacher's",
        (true, Metric.Mse) => "minus the mean squared distance to the teacher's",
        (true, Metric.Relation) =>
            $"minus the cross-entropy of the images' relations to the teacher's images (softmax at {RelationScore.Temperature:0.0#}), the teacher's as target",
        (true, Metric.ForeignRelation) =>
            $"minus the cross-entropy of the images' relations among themselves (softmax at {RelationScore.Temperature:0.0#}), the foreign teacher's as target",
        (true, _) =>
            $"minus the cross-entropy of the images' relations among themselves (softmax at {RelationScore.Temperature:0.0#}), the teacher's as target",
        (_, Metric.Cosine) => "mean product of the rows of position relations with the teacher's, summed over the maps",
        (_, Metric.RelationSum) =>
            $"minus the cross-entropy of position relations (softmax at {RelationScore.Temperature:0.0#}) to the teacher's, summed over positions and maps",
        (_, Metric.Mse) => "minus the mean squared distance of the rows of position relations to the teacher's, summed over the maps",
        _ =>
            $"minus the cross-entropy of position relations (softmax at {RelationScore.Temperature:0.0#}) to the teacher's, summed over the maps",
    };

    /// <summary>The task as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => All.Contains(this) ? Name : $"{Name}={Features}:{MetricName.Of(Metric)}";

    /// <summary>Whether name, features and metric agree; the maps follow from the features.</summary>
    public bool Equals(SearchTask? other) => other is not null && (Name, Features, Metric) == (other.Name, other.Features, other.Metric);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Features, Metric);

    /// <summary>The task scored against a foreign teacher in the place of our own.</summary>
    /// <exception cref="UserException">It compares maps.</exception>
    public SearchTask AgainstForeign() => UsesEmbedding ? this with { Features = "embedding", Metric = Metric.ForeignRelation }
        : throw new UserException(
            $"--score teacher: compares embeddings, and the task {Name} compares {Features}; rank it without --score, or give --tasks classification");

    /// <summary>C# identifier part of a task's name: <c>DetectionC4</c>.</summary>
    public static string IdentifierOf(string name) =>
        string.Concat(name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    /// <summary>
    /// Refuses, with a <see cref="UserException"/>, a space that has no such maps as the task compares: three stages end in C3, say.
    /// </summary>
    public void MustSuit(SearchSpace space)
    {
        var missing = Taps.Where(tap => space.Segments.All(s => s.Tap != tap)).ToList();
        if (missing.Count == 0) return;
        var suited = All.Where(t => t.Taps.All(tap => space.Segments.Any(s => s.Tap == tap))).Select(t => t.Name);
        throw new UserException(
            $"the task {Name} compares {Features}, but {space.Name} has no {string.Join(", ", missing)}; tasks that it has the maps for: {string.Join(", ", suited)}");
    }

    /// <summary>
    /// Refuses, with a <see cref="UserException"/>, too few images for a score that relates them to one another: of one alone every
    /// candidate's is the same.
    /// </summary>
    public void MustSuit(int images)
    {
        if (UsesEmbedding && Metric is not (Metric.Cosine or Metric.Mse) && images < 2)
            throw new UserException(
                $"the task {Name} relates images to one another, and there is one alone: give more, and --images 2 or more");
    }

    /// <summary>
    /// Reads the name of a known task or a definition such as <c>mine=C3-C5:mse</c>; a <see cref="UserException"/> otherwise.
    /// </summary>
    public static SearchTask Parse(string text)
    {
        text = text.Trim();
        if (All.FirstOrDefault(t => t.Name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        if (!text.Contains('=', StringComparison.Ordinal))
            throw new UserException(
                $"unknown task '{text}'; known are {string.Join(", ", All.Select(t => t.Name))}; or define one, such as mine=C3-C5:relation");
        if (Definition().Match(text) is not { Success: true } match) throw new UserException($"task '{text}': {Syntax}");
        var (name, features) = (match.Groups["name"].Value, match.Groups["features"].Value);
        var metric = MetricName.Find(match.Groups["metric"].Value, ofEmbedding: features is "z" or "Z")
            ?? throw new UserException($"task '{text}': {Syntax}");
        if (All.Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            throw new UserException($"task '{text}': {name} is known already; give the definition another name");
        if (features is "z" or "Z") return new(name, "z", [], metric);
        features = features.ToUpperInvariant();
        var taps = features.Split('-') is [['C', var from], ['C', var to]]
            ? Enumerable.Range(from - '0', Math.Max(0, to - from + 1)).Select(level => $"C{level}").ToList()
            : features.Split('+').Distinct().ToList();
        return taps.Count > 0 ? new(name, features, taps, metric) : throw new UserException($"task '{text}': {Syntax}");
    }

    [
        GeneratedRegex(
            @"\A(?<name>[A-Za-z][A-Za-z0-9-]{0,40})\s*=\s*(?<features>[zZ]|[cC][1-5](-[cC][1-5]|(\+[cC][1-5])*))\s*:\s*(?<metric>[A-Za-z_]+)\z",
            RegexOptions.CultureInvariant),
    ]
    private static partial Regex Definition();
}
