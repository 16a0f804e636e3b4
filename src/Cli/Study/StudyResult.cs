using System.Text.Json.Nodes;
using DataSsl.Cli.Verbs;
using DataSsl.Runtime.Evaluation;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>A subnet's scores and costs beside its accuracy.</summary>
internal sealed record StudiedSubnet(Candidate Candidate, Proportion Accuracy)
{
    public MeasuredAccuracy Measured => new(Candidate.Architecture, new(Accuracy.Value, Accuracy.Low, Accuracy.High));

    public JsonObject ToJson() => new()
    {
        ["architecture"] = Candidate.Architecture,
        ["index"] = Candidate.Index,
        ["macs"] = Candidate.Macs,
        ["parameters"] = Candidate.Parameters,
        ["scores"] = new JsonObject(Candidate.Scores.Select(s => KeyValuePair.Create(s.Key, JsonNumber.Of(s.Value)))),
        ["top1"] = EvaluateVerb.Facts(Accuracy),
    };
}

/// <summary>What a study found.</summary>
/// <param name="Ranking">The search that scored the subnets.</param>
/// <param name="Subnets">Those that are compared.</param>
/// <param name="Max">The largest network, for reference.</param>
internal sealed record StudyResult(SearchResult Ranking, IReadOnlyList<StudiedSubnet> Subnets, StudiedSubnet Max)
{
    /// <summary>How well each task's score orders the subnets by accuracy, and how well their size alone does.</summary>
    public IReadOnlyList<StudyAgreement> Agreements { get; } =
    [
        .. Ranking.Tasks.Select(t => new StudyAgreement($"{t.Name} score", Compare(Subnets, s => s.Candidate.Scores[t.Name]))),
        new("MACs", Compare(Subnets, s => s.Candidate.Macs)),
        new("parameters", Compare(Subnets, s => s.Candidate.Parameters)),
    ];

    /// <summary>The search's result with what the study found: what its report shows.</summary>
    public SearchResult RankingWithAccuracies(string method) => Ranking with { Study = new(method, [.. Subnets.Select(s => s.Measured)], Max.Measured, Agreements) };

    public JsonArray AgreementsToJson() => [.. Agreements.Select(a => (JsonNode)new JsonObject
    {
        ["of"] = a.Of,
        ["spearman"] = JsonNumber.Of(a.With.Spearman),
        ["kendallTauB"] = JsonNumber.Of(a.With.KendallTauB),
    })];

    private static RankAgreement Compare(IReadOnlyList<StudiedSubnet> subnets, Func<StudiedSubnet, double> value) =>
        RankAgreement.Of([.. subnets.Select(value)], [.. subnets.Select(s => s.Accuracy.Value)]);
}
