using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;

namespace DataSsl.Jobs.Study;

/// <summary>A study as asked for.</summary>
/// <param name="Search">How the subnets are scored; its list is the study's own.</param>
/// <param name="Measure">What the scores are set against.</param>
public sealed record StudyRequest(SearchRequest Search, StudyMeasure Measure)
{
    /// <summary>How many subnets are drawn, where nothing else is said.</summary>
    public const int DefaultSubnets = 20;

    /// <summary>A file that names the subnets; null to draw them.</summary>
    public string? List { get; init; }

    /// <summary>How many to draw.</summary>
    public int Subnets { get; init; } = DefaultSubnets;

    /// <summary>Within which subnets are set against each other; null for all of them and the space's own.</summary>
    public IReadOnlyList<string>? Budgets { get; init; }

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
