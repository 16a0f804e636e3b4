using System.Text.Json.Serialization;
using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>
/// What the page is told: everything it shows, with all statistics done. The page's scripts have it from <c>told.d.ts</c>, which a test
/// makes from these types.
/// </summary>
/// <param name="Count">How many candidates there are; they are named by their position, 0 to Count - 1.</param>
/// <param name="Command">The command line of the search.</param>
internal sealed record PageData(
    string Space, int Size, int DeployedSize, int Count, string Seconds,
    IReadOnlyList<TaskInfo> Tasks,
    IReadOnlyList<PageMeasure> Measures,
    IReadOnlyList<PageSegment> Segments,
    IReadOnlyList<PageGroup> Groups,
    PageRankings Rankings,
    IReadOnlyList<PageDomain> Domains,
    PageStudy? Study,
    VerdictReport? Verdict,
    IReadOnlyList<PageWinner> Winners,
    IReadOnlyList<PageReference> References,
    IReadOnlyList<PageCurve> Curves,
    IReadOnlyDictionary<string, string> Cost,
    IReadOnlyDictionary<string, string> Provenance,
    string? Command,
    string EmitBefore, string EmitAfter);

/// <summary>A cost that candidates can be drawn against.</summary>
/// <param name="Unit">Of the values, without a decimal prefix.</param>
/// <param name="Values"><see cref="Column.Floats"/>.</param>
internal sealed record PageMeasure(string Name, string Unit, string Values);

/// <summary>A part of the architectures and the forms it comes in.</summary>
/// <param name="Codes">Which form each candidate has, <see cref="Column.Codes"/>.</param>
internal sealed record PageSegment(string Name, IReadOnlyList<SegmentForm> Forms, string Codes);

/// <param name="Text">The choices as in the canonical text, <c>48x2</c>; empty for a part without a choice.</param>
/// <param name="Width">Channels, before a block's expansion.</param>
/// <param name="Depth">Blocks.</param>
internal readonly record struct SegmentForm(string Text, int Width, int Depth);

/// <summary>A budget and the candidates within; the first group is all candidates, without a budget.</summary>
/// <param name="Bits">The members, <see cref="Column.Bits"/>.</param>
/// <param name="Bounds">Where the budget limits measures: lower bound (included) and upper bound (not included) by measure.</param>
internal sealed record PageGroup(string Name, int Members, string Bits, IReadOnlyDictionary<string, double[]> Bounds);

/// <summary>The scores and what they say.</summary>
/// <param name="Scores">By task, <see cref="Column.Floats"/>.</param>
/// <param name="Fronts"><see cref="TaskRankings.Fronts"/>.</param>
/// <param name="Spreads"><see cref="TaskRankings.Spreads"/>.</param>
/// <param name="Similarities"><see cref="TaskRankings.Similarities()"/>.</param>
/// <param name="Best"><see cref="TaskRankings.Best"/>.</param>
internal sealed record PageRankings(
    IReadOnlyList<string> Scores, int[][][][] Fronts, double[]?[][] Spreads, double?[][][] Similarities, int?[][] Best);

/// <summary>The rankings over other images beside those over the searched ones.</summary>
/// <param name="Comparisons">One for each task and budget.</param>
internal sealed record PageDomain(string Name, IReadOnlyList<PageComparison> Comparisons);

/// <param name="Spearman">Between the scores over both; null where it is not defined.</param>
/// <param name="At">Position of the best candidate over the other images.</param>
/// <param name="Rank">Its rank over the searched images.</param>
/// <param name="OwnRank">Rank of the searched images' winner over the others.</param>
internal sealed record PageComparison(int Task, int Group, int Members, double? Spearman, int At, int Rank, int OwnRank);

/// <summary>Figures that labels gave, and how well scores foretold them.</summary>
/// <param name="Figure">What was measured: accuracy, AP, mIoU.</param>
/// <param name="Points">The subnets, then the largest network.</param>
/// <param name="Given">What is set aside in each of the partial correlations.</param>
/// <param name="Regrets">What choosing by a score was worth, by task and budget.</param>
internal sealed record PageStudy(
    string Method, string Figure, IReadOnlyList<PageFigure> Points, IReadOnlyList<PageAgreement> Agreements, IReadOnlyList<string> Given,
    IReadOnlyList<PageRegret> Regrets);

/// <param name="At">Position of the candidate.</param>
/// <param name="Value">What was measured of it, from 0 to 1, with the ends of its 95 % interval.</param>
internal readonly record struct PageFigure(int At, double Value, double Low, double High);

/// <summary>A rank correlation and the ends of its 95 % interval; null where it is not defined.</summary>
/// <param name="Partial">Spearman's with each of <see cref="PageStudy.Given"/> set aside; empty for what is no score.</param>
internal sealed record PageAgreement(string Of, double?[] Spearman, double?[] Kendall, IReadOnlyList<double?[]> Partial);

/// <param name="Gain">The winner's figure less the group's mean, with the ends of its 95 % interval; null where it is not
/// defined.</param>
/// <param name="Loss">The group's best less the winner's.</param>
internal sealed record PageRegret(string Task, string Budget, int Subnets, string Winner, string Best, double?[] Gain, double?[] Loss);

/// <param name="At">Position of the winner.</param>
/// <param name="Ranks">Rank of the winner for each task among the members of its budget, from 1; null where it has no score.</param>
/// <param name="Files">Paths of the emitted class and its weights.</param>
/// <param name="Proof">Largest difference between the emitted class and its supernet slice.</param>
/// <param name="TooNear">How many members likeness to the teacher cannot rank; null where it is not known.</param>
/// <param name="IsTooNear">Whether the winner is one of them.</param>
internal sealed record PageWinner(
    int Number, int Task, int Group, int At, int Members, string Architecture, double Macs, double Parameters, double? Score, int?[] Ranks,
    string? ClassName, IReadOnlyList<string> Files, double? Proof, PageConfidence? Confidence, int? TooNear, bool IsTooNear);

/// <param name="Low">Lower end of the score's 95 % interval.</param>
/// <param name="Tied">How many members cannot be told from the winner, itself included.</param>
/// <param name="Cheapest">The cheapest of them.</param>
internal sealed record PageConfidence(double Low, double High, int Tied, string Cheapest, double CheapestMacs, double CheapestParameters);

/// <param name="Values">By measure.</param>
internal sealed record PageReference(string Name, IReadOnlyList<SegmentForm> Forms, IReadOnlyDictionary<string, double> Values);

/// <summary>A training curve.</summary>
internal sealed record PageCurve(string Name, IReadOnlyList<double> Steps, IReadOnlyList<double> Values);

/// <summary>
/// Serialisation code, made at compile time. The default encoder escapes angle brackets, so that no text ends the page's script element.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PageData))]
[JsonSerializable(typeof(VerdictReport))]
[JsonSerializable(typeof(SurveyReport))]
internal sealed partial class PageDataContext : JsonSerializerContext;
