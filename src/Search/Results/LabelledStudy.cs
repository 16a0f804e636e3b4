using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>
/// What labels said of candidates that were scored without them, and how well the one foretold the other (DATA, section 4.2).
/// </summary>
/// <param name="Method">How the figure was measured, e.g. <c>linear</c> or <c>detect</c>.</param>
/// <param name="Subnets">Those that are compared.</param>
/// <param name="Max">The largest network, for reference.</param>
/// <param name="Agreements">How well each task's score orders the subnets by the figure, and how well their size alone does.</param>
/// <param name="Regrets">For each task and budget, what choosing by the score was worth; null in results of an earlier version.</param>
/// <param name="Figure">What was measured: <c>AP</c>, <c>mIoU</c>; null for accuracy, as in results of an earlier version.</param>
public sealed record LabelledStudy(
    string Method, IReadOnlyList<MeasuredSubnet> Subnets, MeasuredSubnet Max, IReadOnlyList<StudyAgreement> Agreements,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<StudyRegret>? Regrets = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Figure = null)
{
    /// <summary>The figure of a study that names none.</summary>
    public const string Accuracy = "accuracy";
}

/// <param name="Value">The figure, from 0 to 1; files call it accuracy, whatever it is.</param>
public sealed record MeasuredSubnet(string Architecture, [property: JsonPropertyName("accuracy")] Estimate Value);

/// <param name="Of">What ranks the subnets: a task's score, MACs or parameters.</param>
/// <param name="With">How alike that ranking is to the one by the figure.</param>
/// <param name="Partial">Of a score, the same with sizes set aside; null for the sizes themselves, and in results of an earlier
/// version.</param>
public sealed record StudyAgreement(
    string Of, RankAgreement With,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PartialAgreement>? Partial = null);
