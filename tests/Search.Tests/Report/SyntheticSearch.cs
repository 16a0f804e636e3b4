using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

/// <summary>
/// Search results of believable shape over Table 1: score rises with the logarithm of MACs, with noise of each task's own.
/// </summary>
internal static class SyntheticSearch
{
    private static readonly TaskInfo[] Tasks =
    [
        new("classification", "z", "mean cosine to the teacher's"),
        new("detection-c4", "C5", "likeness of position relations"),
        new("detection", "C2-C5", "likeness of position relations"),
        new("segmentation", "C4-C5", "likeness of position relations"),
    ];

    private static SearchSpace Space => Spaces.DataResNet.Space;

    /// <summary>A number of architectures, drawn at random, for two tasks.</summary>
    public static SearchResult Of(int candidates, ulong seed = 1)
    {
        var random = CounterRandom.For(seed, "synthetic search");
        var drawn = new HashSet<long>();
        while (drawn.Count < candidates) drawn.Add(random.Below(Space.Count));
        return Of(drawn.Order(), [Tasks[0], Tasks[2]], seed);
    }

    /// <summary>The result with a domain that thinks the opposite of everything.</summary>
    public static SearchResult WithOppositeDomain(SearchResult result)
    {
        var there = result with
        {
            Candidates = [.. result.Candidates.Select(Turned)],
            Winners = [.. result.Winners.Select(w => w with { Candidate = Turned(Members(result, w).MinBy(c => c.Scores[w.Task])!) })],
        };
        var members = result.Winners.DistinctBy(w => w.Budget)
            .ToDictionary(w => w.Budget, w => (IReadOnlyList<string>)[.. Members(result, w).Select(c => c.Architecture)]);
        return result with { Domains = DomainComparison.Of(result, there, "photos/blood", members) };

        static Candidate Turned(Candidate c) => c with { Scores = c.Scores.ToDictionary(s => s.Key, s => 2 - s.Value) };
    }

    /// <summary>
    /// The result with a study of its first candidates that finds the accuracies to be just what the scores for classification foretold;
    /// the one with the most MACs stands for the largest network.
    /// </summary>
    public static SearchResult WithStudy(SearchResult result, int subnets)
    {
        List<Candidate> studied = [.. result.Candidates.Take(subnets)];
        StudyAgreement Agreement(string of, Func<Candidate, double> value) => new(
            of, RankAgreement.Of([.. studied.Select(value)], [.. studied.Select(Accuracy)]),
            of == "MACs"
                ? null
                :
                [
                    PartialAgreement.Of(
                        [.. studied.Select(value)], [.. studied.Select(Accuracy)], [("MACs", [.. studied.Select(c => (double)c.Macs)])],
                        seed: 0),
                ]);
        return result with
        {
            Study = new("linear", [.. studied.Select(Measured)], Measured(result.Candidates.MaxBy(c => c.Macs)!),
                [
                    Agreement("classification score", c => c.Scores["classification"]),
                    Agreement("detection score", c => c.Scores["detection"]), Agreement("MACs", c => c.Macs),
                ],
                [
                    new(
                        "classification", "all", subnets, studied[1].Architecture, studied[0].Architecture, new(0.021, 0.01, 0.032),
                        new(0.005, 0, 0.04)),
                    new("classification", "8-9G", 1, studied[1].Architecture, studied[1].Architecture, None, None),
                ]),
        };

        static double Accuracy(Candidate c) => 0.2 + 0.5 * c.Scores["classification"];
        static MeasuredSubnet Measured(Candidate c) => new(c.Architecture, new(Accuracy(c), Accuracy(c) - 0.02, Accuracy(c) + 0.02));
    }

    private static Estimate None => new(double.NaN, double.NaN, double.NaN);

    /// <summary>The result of a search with a limit on latency, which goes its own way beside MACs.</summary>
    public static SearchResult WithLatency(SearchResult result)
    {
        var random = CounterRandom.For(1, "latency");
        var timed = result.Candidates.Select(c => c with { Latency = 1e-12 * c.Macs * (1 + random.NextDouble()) + 1e-3 }).ToList();
        var budget = timed.Where(c => c.Latency <= 6e-3).ToList();
        return result with
        {
            Candidates = timed,
            Winners = [.. result.Tasks.Select(t => new Winner(t.Name, "latency<=6ms", budget.MaxBy(c => c.Scores[t.Name])!, budget.Count))],
            References = [.. result.References.Select(r => r with { Latency = 1.5e-12 * r.Macs + 1e-3 })],
        };
    }

    /// <summary>The candidates within a winner's budget, counted anew.</summary>
    public static IReadOnlyList<Candidate> Members(SearchResult result, Winner winner) =>
        [.. result.Candidates.Where(c => c.Macs >= (winner.Budget[0] - '0') * 1e9 && c.Macs < (winner.Budget[0] - '0' + 1) * 1e9)];

    /// <summary>All 85,293 architectures for four tasks.</summary>
    public static SearchResult Whole() => Of(Enumerable.Range(0, (int)Space.Count).Select(i => (long)i), Tasks, seed: 1);

    private static SearchResult Of(IEnumerable<long> indices, IReadOnlyList<TaskInfo> tasks, ulong seed)
    {
        var random = CounterRandom.For(seed, "scores");
        var all = indices.Select(i => Draw(i, tasks, ref random)).ToList();
        var winners =
            from task in tasks
            from low in Enumerable.Range(2, 7)
            let members = all.Where(c => c.Macs >= low * 1e9 && c.Macs < (low + 1) * 1e9).OrderByDescending(c => c.Scores[task.Name])
                .ToList()
            where members.Count > 0
            let score = members[0].Scores[task.Name]
            let tied = members.Where(c => c.Scores[task.Name] > score - 0.01).ToList()
            select new Winner(task.Name, $"{low}-{low + 1}G", members[0], members.Count,
                $"DataResNet_{low}G_{task.Name[0]}", $"winners/DataResNet{low}G.cs", $"winners/DataResNet{low}G.safetensors", 0,
                new(score - 0.01, score + 0.01, [.. tied.Select(c => c.Index)], tied.MinBy(c => c.Macs)!));
        return new(Space.Name, "5f3c9a1e77d0", 224, tasks, all, [.. winners],
            [.. new[] { "ResNet50", "ResNet101", "Max", "Min" }.Select(name => (Name: name, Architecture: Space.Parse(name)))
                .Select(
                    r =>
                        new Reference(
                            r.Name, r.Architecture.ToString(), Space.Macs(r.Architecture, 224), Space.Parameters(r.Architecture)))],
            new Dictionary<string, string>
            {
                ["checkpoint"] = "runs/demo/checkpoint.safetensors",
                ["checkpoint hash"] = "0a1b2c3d4e5f6071",
                ["search data"] = "photos/aerial",
                ["images"] = "256",
                ["seed"] = "1",
                ["blocks computed"] = "1,234 of 56,789 (shared prefixes once)",
                ["command"] = "datassl search --checkpoint runs/demo --data photos/aerial --budgets 2-3G,3-4G,4-5G",
            }, 4321.5);
    }

    private static Candidate Draw(long index, IReadOnlyList<TaskInfo> tasks, ref CounterRandom random)
    {
        var architecture = Space.FromIndex(index);
        var macs = Space.Macs(architecture, 224);
        var (skill, shared) = (0.55 + 0.11 * Math.Log(macs / 1e9), 0.015 * random.NextNormal());
        var scores = new Dictionary<string, double>();
        foreach (var task in tasks) scores[task.Name] = skill + shared + 0.02 * random.NextNormal();
        return new(architecture.ToString(), index, macs, Space.Parameters(architecture), scores);
    }
}
