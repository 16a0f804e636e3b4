using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>
/// What labels said of candidates that were scored without them, and how well the one foretold the other (DATA, section 4.2).
/// </summary>
/// <param name="Method">How accuracy was measured, e.g. <c>linear</c>.</param>
/// <param name="Subnets">Those that are compared.</param>
/// <param name="Max">The largest network, for reference.</param>
/// <param name="Agreements">How well each task's score orders the subnets by accuracy, and how well their size alone does.</param>
/// <param name="Regrets">For each task and budget, what choosing by the score was worth; null in results of an earlier version.</param>
public sealed record AccuracyStudy(
    string Method, IReadOnlyList<MeasuredAccuracy> Subnets, MeasuredAccuracy Max, IReadOnlyList<StudyAgreement> Agreements,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<StudyRegret>? Regrets = null);

/// <param name="Accuracy">Share of the test images that were named rightly.</param>
public sealed record MeasuredAccuracy(string Architecture, Estimate Accuracy);

/// <param name="Of">What ranks the subnets: a task's score, MACs or parameters.</param>
/// <param name="With">How alike that ranking is to the one by accuracy.</param>
/// <param name="Partial">Of a score, the same with sizes set aside; null for the sizes themselves, and in results of an earlier
/// version.</param>
public sealed record StudyAgreement(
    string Of, RankAgreement With,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PartialAgreement>? Partial = null);
