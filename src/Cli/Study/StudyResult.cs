using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Runtime.Evaluation;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>A subnet's scores and costs beside its accuracy.</summary>
/// <param name="Right">Which of the test images were named rightly.</param>
internal sealed record StudiedSubnet(Candidate Candidate, bool[] Right)
{
    public Proportion Accuracy { get; } = new(Right.Count(right => right), Right.Length);

    public MeasuredAccuracy Measured => new(Candidate.Architecture, new(Accuracy.Value, Accuracy.Low, Accuracy.High));

    public JsonObject ToJson() => new()
    {
        ["architecture"] = Candidate.Architecture,
        ["index"] = Candidate.Index,
        ["macs"] = Candidate.Macs,
        ["parameters"] = Candidate.Parameters,
        ["scores"] = new JsonObject(Candidate.Scores.Select(s => KeyValuePair.Create(s.Key, JsonNumber.Of(s.Value)))),
        ["top1"] = AccuracyText.Json(Accuracy),
    };
}

/// <summary>What a study found.</summary>
/// <param name="Ranking">The search that scored the subnets.</param>
/// <param name="Subnets">Those that are compared.</param>
/// <param name="Max">The largest network, for reference.</param>
/// <param name="Groups">The subnets by budget.</param>
/// <param name="Seed">Of the draws that intervals are taken over.</param>
internal sealed record StudyResult(
    SearchResult Ranking, IReadOnlyList<StudiedSubnet> Subnets, StudiedSubnet Max, CandidateSet Groups, long Seed)
{
    /// <summary>How well each task's score orders the subnets by accuracy, and how well their size alone does.</summary>
    public IReadOnlyList<StudyAgreement> Agreements { get; } =
    [
        .. Ranking.Tasks.Select(
            t => new StudyAgreement($"{t.Name} score", Compare(Subnets, s => s.Candidate.Scores[t.Name]), Partial(Subnets, t.Name, Seed))),
        new("MACs", Compare(Subnets, s => s.Candidate.Macs)),
        new("parameters", Compare(Subnets, s => s.Candidate.Parameters)),
    ];

    /// <summary>For each task and budget what choosing by the score was worth.</summary>
    public IReadOnlyList<StudyRegret> Regrets { get; } =
    [
        .. from task in Ranking.Tasks
           from members in Groups.Groups
           let within = members.Value.Select(a => a.ToString()).ToHashSet()
           select StudyRegret.Of(
               task.Name, members.Key.ToString(),
               [
                   .. Subnets.Where(s => within.Contains(s.Candidate.Architecture))
                       .Select(s => (s.Candidate.Architecture, s.Candidate.Scores[task.Name], s.Right)),
               ],
               Seed),
    ];

    /// <summary>The search's result with what the study found: what its report shows.</summary>
    public SearchResult RankingWithAccuracies(string method) =>
        Ranking with { Study = new(method, [.. Subnets.Select(s => s.Measured)], Max.Measured, Agreements, Regrets) };

    public JsonArray AgreementsToJson() => [.. Agreements.Select(a => (JsonNode)new JsonObject
    {
        ["of"] = a.Of,
        ["spearman"] = JsonNumber.Of(a.With.Spearman),
        ["kendallTauB"] = JsonNumber.Of(a.With.KendallTauB),
        ["partial"] = a.Partial is { } partial
            ? new JsonArray([.. partial.Select(p => new JsonObject { ["given"] = p.Given, ["spearman"] = JsonNumber.Of(p.Spearman) })])
            : null,
    })];

    public JsonArray RegretsToJson() => [.. Regrets.Select(r => (JsonNode)new JsonObject
    {
        ["task"] = r.Task,
        ["budget"] = r.Budget,
        ["subnets"] = r.Subnets,
        ["winner"] = r.Winner,
        ["best"] = r.Best,
        ["winnerLessMean"] = JsonNumber.Of(r.WinnerLessMean),
        ["bestLessWinner"] = JsonNumber.Of(r.BestLessWinner),
    })];

    /// <summary>A task's score with accuracy, each size set aside, and both.</summary>
    private static List<PartialAgreement> Partial(IReadOnlyList<StudiedSubnet> subnets, string task, long seed)
    {
        (string Name, IReadOnlyList<double> Values) macs = ("MACs", [.. subnets.Select(s => (double)s.Candidate.Macs)]),
            parameters = ("parameters", [.. subnets.Select(s => (double)s.Candidate.Parameters)]);
        var (scores, accuracies) = (subnets.Select(s => s.Candidate.Scores[task]).ToList(), subnets.Select(s => s.Accuracy.Value).ToList());
        return
        [
            .. new[] { new[] { macs }, [parameters], [macs, parameters] }.Select(
                given => PartialAgreement.Of(scores, accuracies, given, seed)),
        ];
    }

    private static RankAgreement Compare(IReadOnlyList<StudiedSubnet> subnets, Func<StudiedSubnet, double> value) =>
        RankAgreement.Of([.. subnets.Select(value)], [.. subnets.Select(s => s.Accuracy.Value)]);
}
