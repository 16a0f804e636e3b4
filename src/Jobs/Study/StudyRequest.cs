using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;

namespace DataSsl.Jobs.Study;

/// <summary>A study as asked for.</summary>
/// <param name="Search">How the subnets are scored; its list is the study's own.</param>
/// <param name="Measure">What the scores are set against.</param>
/// <param name="List">A file that names the subnets; null to draw them.</param>
/// <param name="Subnets">How many to draw.</param>
/// <param name="Budgets">Within which subnets are set against each other; null for all of them and the space's own.</param>
internal sealed record StudyRequest(
    SearchRequest Search, StudyMeasure Measure, string? List, int Subnets, IReadOnlyList<string>? Budgets)
{
    /// <summary>The command that asks for the same study, defaults spelt out, for a shell.</summary>
    public string CommandLine(int? size) => NextCommand.Of(Measure.Verb, Words(size));

    /// <summary>Its words after the verb.</summary>
    public IEnumerable<string> Words(int? size) =>
    [
        "--checkpoint", Search.Checkpoint,
        .. List is null ? ["--subnets", Wording.Number(Subnets)] : (string[])["--list", List],
        .. Budgets is null ? (string[])[] : ["--budgets", string.Join(',', Budgets)],
        .. Measure.Words, "--tasks", string.Join(',', Search.Tasks),
        .. Search.Against?.Words() ?? [],
        .. Search.CompareDomain is null ? (string[])[] : ["--compare-domain", Search.CompareDomain],
        "--images", Wording.Number(Search.Images), .. size is { } side
            ? (string[])[Measure.SizeOption, Wording.Number(side)]
            : [], "--seed", Wording.Number(Search.Seed), "--out", Search.Folder,
    ];
}
