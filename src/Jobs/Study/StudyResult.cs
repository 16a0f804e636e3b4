using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Candidates;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Study;

/// <summary>A subnet's scores and costs beside what labels said of it.</summary>
/// <param name="Elsewhere">Its scores on other images; null where there are none.</param>
public sealed record StudiedSubnet(Candidate Candidate, Candidate? Elsewhere, StudyOutcome Outcome)
{
    /// <summary>The figure, from 0 to 1.</summary>
    public double Value => Outcome.Value.Value;

    /// <summary>The same as a report has it.</summary>
    public MeasuredSubnet Measured => new(Candidate.Architecture, Outcome.Value);

    internal JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["architecture"] = Candidate.Architecture,
            ["index"] = Candidate.Index,
            ["macs"] = Candidate.Macs,
            ["parameters"] = Candidate.Parameters,
            ["scores"] = Scores(Candidate),
        };
        if (Elsewhere is not null) json["scoresElsewhere"] = Scores(Elsewhere);
        json[Outcome.Name] = Outcome.Facts.DeepClone();
        return json;
    }

    private static JsonObject Scores(Candidate of) =>
        new(of.Scores.Select(s => KeyValuePair.Create(s.Key, JsonNumber.Of(s.Value))));
}

/// <summary>A score that ranks the subnets.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Features">What is compared.</param>
/// <param name="By">By which other images, in words; empty for the searched ones.</param>
public sealed record StudiedScore(string Task, string Features, string By, Func<StudiedSubnet, double> Of);

/// <summary>What a study found.</summary>
/// <param name="Ranking">The search that scored the subnets.</param>
/// <param name="Measure">What the scores are set against.</param>
/// <param name="Subnets">Those that are compared.</param>
/// <param name="Max">The largest network, for reference.</param>
/// <param name="Groups">The subnets by budget.</param>
/// <param name="TestImages">How many images each was tested on.</param>
/// <param name="CompareDomain">The other images that they were scored on; null for none.</param>
/// <param name="Seed">Of the draws that intervals are taken over.</param>
public sealed record StudyResult(
    SearchResult Ranking, StudyMeasure Measure, IReadOnlyList<StudiedSubnet> Subnets, StudiedSubnet Max, CandidateSet Groups,
    int TestImages, string? CompareDomain, long Seed)
{
    /// <summary>How well each score orders the subnets by what was measured, and how well their size alone does.</summary>
    public IReadOnlyList<StudyAgreement> Agreements { get; } =
    [
        .. Scores(Ranking, CompareDomain).Select(
            score => new StudyAgreement(
                $"{score.Task} score ({score.Features}){score.By}", Compare(Subnets, score.Of), Partial(Subnets, score.Of, Seed))),
        new("MACs", Compare(Subnets, s => s.Candidate.Macs)),
        new("parameters", Compare(Subnets, s => s.Candidate.Parameters)),
    ];

    /// <summary>For each score and budget what choosing by it was worth.</summary>
    public IReadOnlyList<StudyRegret> Regrets { get; } =
    [
        .. from score in Scores(Ranking, CompareDomain)
           from members in Groups.Groups
           let within = members.Value.Select(a => a.ToString()).ToHashSet()
           select StudyRegret.Of(
               score.Task + score.By, members.Key.ToString(),
               [
                   .. Subnets.Where(s => within.Contains(s.Candidate.Architecture))
                       .Select(s => new StudyMember(s.Candidate.Architecture, score.Of(s), s.Value, s.Outcome.Chances)),
               ],
               TestImages, Measure.IsShare),
    ];

    /// <summary>The search's result with what the study found: what its report shows.</summary>
    public SearchResult RankingWithStudy() => Ranking with
    {
        Study = new(
            Measure.Method, [.. Subnets.Select(s => s.Measured)], Max.Measured, Agreements, Regrets,
            Measure.Figure == LabelledStudy.Accuracy ? null : Measure.Figure),
    };

    internal JsonArray AgreementsToJson() => [.. Agreements.Select(a => (JsonNode)new JsonObject
    {
        ["of"] = a.Of,
        ["spearman"] = JsonNumber.Of(a.With.Spearman),
        ["kendallTauB"] = JsonNumber.Of(a.With.KendallTauB),
        ["partial"] = a.Partial is { } partial
            ? new JsonArray([.. partial.Select(p => new JsonObject { ["given"] = p.Given, ["spearman"] = JsonNumber.Of(p.Spearman) })])
            : null,
    })];

    internal JsonArray RegretsToJson() => [.. Regrets.Select(r => (JsonNode)new JsonObject
    {
        ["task"] = r.Task,
        ["budget"] = r.Budget,
        ["subnets"] = r.Subnets,
        ["winner"] = r.Winner,
        ["best"] = r.Best,
        ["winnerLessMean"] = JsonNumber.Of(r.WinnerLessMean),
        ["bestLessWinner"] = JsonNumber.Of(r.BestLessWinner),
    })];

    /// <summary>Each task's score on the searched images, and then on the others.</summary>
    private static IReadOnlyList<StudiedScore> Scores(SearchResult ranking, string? compareDomain) =>
    [
        .. ranking.Tasks.Select(t => new StudiedScore(t.Name, t.Features, "", s => s.Candidate.Scores[t.Name])),
        .. compareDomain is null
            ? []
            : ranking.Tasks.Select(t => new StudiedScore(t.Name, t.Features, $" by {compareDomain}", s => s.Elsewhere!.Scores[t.Name])),
    ];

    /// <summary>A score with what was measured, each size set aside, and both.</summary>
    private static List<PartialAgreement> Partial(IReadOnlyList<StudiedSubnet> subnets, Func<StudiedSubnet, double> score, long seed)
    {
        (string Name, IReadOnlyList<double> Values) macs = ("MACs", [.. subnets.Select(s => (double)s.Candidate.Macs)]),
            parameters = ("parameters", [.. subnets.Select(s => (double)s.Candidate.Parameters)]);
        var (scores, measured) = (subnets.Select(score).ToList(), subnets.Select(s => s.Value).ToList());
        return
        [
            .. new[] { new[] { macs }, [parameters], [macs, parameters] }.Select(
                given => PartialAgreement.Of(scores, measured, given, seed)),
        ];
    }

    private static RankAgreement Compare(IReadOnlyList<StudiedSubnet> subnets, Func<StudiedSubnet, double> value) =>
        RankAgreement.Of([.. subnets.Select(value)], [.. subnets.Select(s => s.Value)]);
}
