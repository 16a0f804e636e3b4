using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>What a search found and everything needed to trust or repeat it. Written as <c>search.json</c>, read by the report.</summary>
/// <param name="Space">Name of the search space.</param>
/// <param name="SpaceHash">Content hash of the space's plan.</param>
/// <param name="Size">Side of the search images in pixels.</param>
/// <param name="Tasks">The tasks scored.</param>
/// <param name="Candidates">Every scored architecture.</param>
/// <param name="Winners">The best candidate of each budget and task.</param>
/// <param name="References">Anchors such as ResNet50 and the space's Max, for comparison in pictures; not scored.</param>
/// <param name="Provenance">Checkpoint hash, data fingerprint, versions, seed and the like, in display order.</param>
/// <param name="ElapsedSeconds">Wall time of the search.</param>
/// <param name="Domains">The rankings beside those on other images, where asked for.</param>
/// <param name="Latencies">Winners and others on the front against latency timed whole, where a budget limits latency.</param>
/// <param name="Study">What labels said of the candidates, where a study measured them.</param>
/// <param name="CostSize">Side of the images that costs are counted at; null where it is that of the search images.</param>
public sealed record SearchResult(
    string Space,
    string SpaceHash,
    int Size,
    IReadOnlyList<TaskInfo> Tasks,
    IReadOnlyList<Candidate> Candidates,
    IReadOnlyList<Winner> Winners,
    IReadOnlyList<Reference> References,
    IReadOnlyDictionary<string, string> Provenance,
    double ElapsedSeconds,
    IReadOnlyList<DomainComparison>? Domains = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LatencyCheck>? Latencies = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LabelledStudy? Study = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? CostSize = null)
{
    /// <summary>Side in pixels of the images that costs are counted at, and winners emitted for.</summary>
    [JsonIgnore]
    public int DeployedSize => CostSize ?? Size;
}

/// <param name="Name">classification, detection-c4, detection or segmentation.</param>
/// <param name="Features">What is compared with the teacher, e.g. <c>z</c> or <c>C2-C5</c>.</param>
/// <param name="Metric">The score in words; higher is always better.</param>
public sealed record TaskInfo(string Name, string Features, string Metric);

/// <param name="Architecture">Canonical text of the architecture.</param>
/// <param name="Index">Its index in the space; -1 off the grid.</param>
/// <param name="Macs">Multiply-accumulates of one image at <see cref="SearchResult.DeployedSize"/>.</param>
/// <param name="Parameters">Convolution weights and BatchNorm affine parameters.</param>
/// <param name="Scores">Score by task name; higher is better.</param>
/// <param name="Latency">Seconds for one image on the search's device, summed over its blocks; null where no budget limits latency.</param>
public sealed record Candidate(
    string Architecture, long Index, long Macs, long Parameters, IReadOnlyDictionary<string, double> Scores,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Latency = null);

/// <summary>What the sum over blocks says of an architecture's time, and what it takes.</summary>
/// <param name="Predicted">Seconds for one image, summed over its blocks.</param>
/// <param name="Measured">Seconds for one image, timed whole.</param>
public sealed record LatencyCheck(string Architecture, double Predicted, double Measured)
{
    /// <summary>By which share of the measured time the sum is off; above 0 where it says too much.</summary>
    [JsonIgnore]
    public double Error => Predicted / Measured - 1;
}

/// <param name="Budget">Canonical text of the budget, e.g. <c>3-4G</c>.</param>
/// <param name="Members">How many candidates were within the budget.</param>
/// <param name="ClassName">The emitted C# class, once emitted.</param>
/// <param name="SourceFile">Path of the emitted source, relative to the result.</param>
/// <param name="WeightsFile">Path of the emitted weights, relative to the result.</param>
/// <param name="Confidence">How sure the winner is; null in files from before it was computed.</param>
/// <param name="TooNear">Indices of the members, Max aside, that cannot be told from Max by their likeness to the teacher: how they rank
/// says nothing (DATA, section 4.2). Null where it is not known.</param>
/// <param name="ProofMaxAbsDifference">Largest absolute difference between the emitted class and its supernet slice over the proof images
/// (fp32, CPU).</param>
public sealed record Winner(
    string Task, string Budget, Candidate Candidate, int Members,
    string? ClassName = null, string? SourceFile = null, string? WeightsFile = null, double? ProofMaxAbsDifference = null,
        Confidence? Confidence = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<long>? TooNear = null);

/// <param name="Name">Name of the anchor, e.g. ResNet50 or Max.</param>
/// <param name="Latency">As a candidate's.</param>
public sealed record Reference(
    string Name, string Architecture, long Macs, long Parameters,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Latency = null);
