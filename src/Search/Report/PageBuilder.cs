using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Report;

/// <summary>Works out what the page shows.</summary>
internal sealed class PageBuilder
{
    private readonly SearchSpace space;
    private readonly SearchResult result;
    private readonly CandidateTable table;
    private readonly IReadOnlyList<CostMeasure> measures;
    private readonly double[][] costs;
    private readonly IReadOnlyList<BudgetGroup> groups;
    private readonly double[][] scores;
    private readonly TaskRankings rankings;
    private readonly Dictionary<string, int> tasks;
    private readonly Dictionary<string, int> budgets;

    public PageBuilder(SearchSpace space, SearchResult result)
    {
        (this.space, this.result) = (space, result);
        table = new(space, result);
        measures = CostMeasure.In(result.Winners.Select(w => Budget.Parse(w.Budget)));
        costs = [.. measures.Select(table.Costs)];
        groups = BudgetGroup.Of(result, measures, costs);
        scores = [.. result.Tasks.Select(t => table.Scores(t.Name))];
        rankings = new(scores, groups);
        tasks = result.Tasks.Index().DistinctBy(t => t.Item.Name).ToDictionary(t => t.Item.Name, t => t.Index);
        budgets = groups.Index().Skip(1).ToDictionary(g => g.Item.Name, g => g.Index);
    }

    public PageData Build(TrainingCurves? curves, VerdictReport? verdict) => new(
        result.Space, result.Size, result.DeployedSize, table.Count, Durations.Text(result.ElapsedSeconds),
        result.Tasks,
        [.. measures.Zip(costs, (m, values) => new PageMeasure(m.Name, m.Unit, Column.Floats(values)))],
        SegmentColumns.Of(space, table.Architectures),
        [.. groups.Select(g => new PageGroup(g.Name, g.Members.Count, Column.Bits(g.Members, table.Count), g.Bounds))],
        new([.. scores.Select(Column.Floats)], rankings.Fronts(costs), rankings.Spreads(), rankings.Similarities(), rankings.Best()),
        Domains(), Study(), verdict, Winners(), [.. result.References.Select(Reference)],
        curves?.Pages() ?? [], Cost(curves), Facts(),
        result.Provenance.GetValueOrDefault(Provenance.Command),
        "datassl emit --checkpoint " + ShellWord.Of(Fact(Provenance.Checkpoint) ?? "CHECKPOINT") + " --arch ", " --out winners");

    /// <summary>The searched images first, by their name alone; then the others.</summary>
    private List<PageDomain> Domains()
    {
        if (result.Domains is not { Count: > 0 } all) return [];
        var here = Fact(Provenance.SearchData) ?? "searched images";
        string[] paths = [here, .. all.Select(d => d.Data).Distinct()];
        // A folder's own name tells enough, unless another has the same.
        var names = paths.Select(p => Path.GetFileName(p.TrimEnd('/'))).ToList();
        var plain = names.TrueForAll(n => n.Length > 0) && names.Distinct().Count() == names.Count;
        return [.. paths.Select((path, i) => new PageDomain(
            plain
                ? names[i]
                : path,
                    [
                        .. all.Where(d => i > 0 && d.Data == path && tasks.ContainsKey(d.Task)).Select(Comparison).OfType<PageComparison>(),
                    ]))];
    }

    private PageComparison? Comparison(DomainComparison d) =>
        table.PositionOf(d.OtherWinner.Architecture) is { } at && budgets.TryGetValue(d.Budget, out var group)
            ? new(tasks[d.Task], group, d.Members, d.Spearman, at, d.OtherWinnerRankHere, d.WinnerRankThere) : null;

    private PageStudy? Study() => result.Study is not { } study ? null : new(
        study.Method, study.Figure ?? LabelledStudy.Accuracy,
        [
            .. study.Subnets.Append(study.Max)
                .Select(s => new PageFigure(table.PositionOf(s.Architecture)!.Value, s.Value.Value, s.Value.Low, s.Value.High)),
        ],
        [
            .. study.Agreements.Select(
                a =>
                    new PageAgreement(
                        a.Of, Finite(a.With.Spearman), Finite(a.With.KendallTauB), [.. (a.Partial ?? []).Select(p => Finite(p.Spearman))])),
        ],
        [.. (study.Agreements.Select(a => a.Partial).FirstOrDefault(p => p is not null) ?? []).Select(p => p.Given)],
        [
            .. (study.Regrets ?? [])
                .Select(
                    r => new PageRegret(r.Task, r.Budget, r.Subnets, r.Winner, r.Best, Finite(r.WinnerLessMean), Finite(r.BestLessWinner))),
        ]);

    private static double?[] Finite(Estimate e) =>
        [.. new[] { e.Value, e.Low, e.High }.Select(v => double.IsFinite(v) ? (double?)v : null)];

    /// <summary>Numbered in the order of the tasks, then as the search lists them.</summary>
    private List<PageWinner> Winners() =>
        [
            .. result.Winners.Where(w => tasks.ContainsKey(w.Task)).OrderBy(w => tasks[w.Task])
                .Select((w, i) => Winner(i + 1, w, tasks[w.Task], budgets[w.Budget])),
        ];

    private PageWinner Winner(int number, Winner winner, int task, int group)
    {
        var (candidate, at) = (winner.Candidate, table.PositionOf(winner.Candidate.Architecture)!.Value);
        double? score = candidate.Scores.GetValueOrDefault(winner.Task, double.NaN) is var value && double.IsFinite(value) ? value : null;
        return new(
            number, task, group, at, winner.Members, candidate.Architecture, candidate.Macs, candidate.Parameters, score,
            [.. result.Tasks.Select((_, t) => rankings.Rank(at, t, groups[group]))],
            winner.ClassName, [.. new[] { winner.SourceFile, winner.WeightsFile }.OfType<string>()], winner.ProofMaxAbsDifference,
            winner.Confidence is { } c && double.IsFinite(c.Low) && double.IsFinite(c.High)
                ? new(c.Low, c.High, c.Tied.Count, c.Cheapest.Architecture, c.Cheapest.Macs, c.Cheapest.Parameters) : null,
            winner.TooNear?.Count, winner.TooNear?.Contains(candidate.Index) ?? false);
    }

    private PageReference Reference(Reference reference)
    {
        var architecture = space.Parse(reference.Architecture);
        return new(
            reference.Name, SegmentColumns.Forms(architecture),
            measures.ToDictionary(
                m => m.Name, m => m.Measure == Measure.Latency ? reference.Latency ?? 0 : m.Of(architecture, result.DeployedSize)));
    }

    private Dictionary<string, string> Cost(TrainingCurves? curves)
    {
        var cost = new Dictionary<string, string> { ["search"] = Durations.Text(result.ElapsedSeconds) };
        if (result.ElapsedSeconds > 0 && result.Candidates.Count > 0)
            cost["candidates ranked"] = string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Candidates.Count:N0}, {result.Candidates.Count / result.ElapsedSeconds:0.0} a second");
        if (Fact(Provenance.BlocksComputed) is { } blocks) cost[Provenance.BlocksComputed] = blocks;
        if (Fact(Provenance.TrainingSteps) is { } steps) cost[Provenance.TrainingSteps] = steps;
        if (result.Latencies is { Count: > 0 } checks)
            cost["latency foretold"] = string.Create(
                CultureInfo.InvariantCulture,
                $"within {checks.Max(c => Math.Abs(c.Error)):0 %} of the {checks.Count:N0} networks timed whole");
        if (curves is { Seconds: > 0 }) cost["training, first report to last"] = Durations.Text(curves.Seconds);
        return cost;
    }

    private Dictionary<string, string> Facts()
    {
        var facts = new Dictionary<string, string> { ["space"] = result.Space, ["space hash"] = result.SpaceHash };
        foreach (var (name, value) in result.Provenance)
            if (name is not (Provenance.Command or Provenance.BlocksComputed))
                facts[name] = value;
        return facts;
    }

    private string? Fact(string name) => result.Provenance.GetValueOrDefault(name);
}
