using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Views;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Results;

/// <summary>What a search result that was read must hold beside its form, so that all that is made of it can rely on it.</summary>
public static class SearchResultCheck
{
    /// <summary>The first problem, as a place and what is wrong there; null for a sound result.</summary>
    public static string? FirstProblem(SearchResult r)
    {
        if (HasNull(r.Tasks)) return "a task is null";
        if (HasNull(r.Candidates)) return "a candidate is null";
        if (HasNull(r.Winners)) return "a winner is null";
        if (HasNull(r.References)) return "a reference is null";
        if (r.Provenance.Values.Any(value => value is null)) return "a fact of the provenance is null";
        if (HasNull(r.Domains) || HasNull(r.Latencies)) return "a comparison is null";
        if (r.Study is { } study
            && (HasNull(study.Subnets) || HasNull(study.Agreements) || study.Agreements.Any(a => a.With is null || HasNull(a.Partial))
                || HasNull(study.Regrets)))
            return "a part of the study is null";
        if (r.Tasks.Count == 0 || r.Tasks.Select(t => t.Name).Distinct().Count() != r.Tasks.Count)
            return "its tasks are none, or one is there twice";
        if (r.Candidates.Select(c => c.Architecture).Distinct().Count() != r.Candidates.Count) return "a candidate is there twice";
        return ViewBounds.Size.Problem("size", r.Size) ?? (r.CostSize is { } size ? ViewBounds.Size.Problem("costSize", size) : null)
            ?? Time("elapsedSeconds", r.ElapsedSeconds)
            ?? First(r.Winners, w => Of(r, w))
            ?? First(
                r.Candidates.Concat(r.Winners.Select(w => w.Candidate)).Concat(r.Domains?.Select(d => d.OtherWinner) ?? [])
                    .Concat(r.Winners.Select(w => w.Confidence?.Cheapest).OfType<Candidate>()),
                c => Of(r, c))
            ?? First(r.References, f => Costs($"reference {f.Name}", f.Macs, f.Parameters, f.Latency))
            ?? First(
                r.Domains ?? [],
                d =>
                    d.Members < 1 || d.OtherWinnerRankHere < 1 || d.WinnerRankThere < 1 || d.Spearman is not (null or >= -1 and <= 1)
                        ? $"the comparison with {d.Data} has a number that is none"
                        : null)
            ?? First(
                r.Latencies ?? [],
                l => Time($"a latency of {l.Architecture}", l.Measured) ?? Time($"a latency of {l.Architecture}", l.Predicted))
            ?? First(
                r.Study?.Subnets.Append(r.Study.Max) ?? [],
                m =>
                    m.Value is { Value: >= 0 and <= 1, Low: >= 0 and <= 1, High: >= 0 and <= 1 }
                        ? null
                        : $"the figure of {m.Architecture} is none");
    }

    /// <summary>Refuses a result whose architectures, budgets or sizes are none of a space's.</summary>
    /// <exception cref="UserException">One is none.</exception>
    public static void MustFit(SearchResult r, SearchSpace space)
    {
        space.CheckSize(r.Size, "size");
        space.CheckSize(r.DeployedSize, "costSize");
        var candidates = r.Candidates.Select(c => space.Parse(c.Architecture)).ToHashSet();
        foreach (
            var text in r.Winners.SelectMany(w => new[] { w.Candidate.Architecture, w.Confidence?.Cheapest.Architecture })
                .Concat(r.References.Select(f => f.Architecture))
            .Concat(r.Domains?.Select(d => d.OtherWinner.Architecture) ?? []).Concat(r.Latencies?.Select(l => l.Architecture) ?? [])
                .OfType<string>()) space.Parse(text);
        foreach (var budget in r.Winners.Select(w => w.Budget).Concat(r.Domains?.Select(d => d.Budget) ?? []).Distinct())
            if (Budget.Parse(budget).Limits.Any(l => l.Measure == Measure.Latency) && r.Candidates.Any(c => c.Latency is null))
                throw new UserException($"the budget {budget} limits latency, and a candidate has none");
        if (r.Study?.Subnets.Append(r.Study.Max).FirstOrDefault(m => !candidates.Contains(space.Parse(m.Architecture))) is { } unscored)
            throw new UserException($"the study measured {unscored.Architecture}, which is no candidate");
    }

    private static bool HasNull<T>(IReadOnlyList<T>? list) where T : class => list is not null && list.Any(item => item is null);

    private static string? First<T>(IEnumerable<T> of, Func<T, string?> problem) => of.Select(problem).FirstOrDefault(p => p is not null);

    private static string? Of(SearchResult r, Candidate c) =>
        c.Index < -1 ? $"candidate {c.Architecture}: index {c.Index}"
        : r.Tasks.Any(
            t =>
                !c.Scores.TryGetValue(t.Name, out var score)
                    || !double.IsFinite(score)) ? $"candidate {c.Architecture} lacks the finite score of a task"
        : Costs($"candidate {c.Architecture}", c.Macs, c.Parameters, c.Latency);

    private static string? Of(SearchResult r, Winner w) =>
        r.Tasks.All(t => t.Name != w.Task)
            || !w.Candidate.Scores.ContainsKey(w.Task) ? $"a winner of the task '{w.Task}', which has no score"
        : w.Members < 1 ? $"the winner of {w.Task} within {w.Budget} is of {w.Members} candidates"
        : w.ProofMaxAbsDifference is not (
            null or >= 0 and < double.PositiveInfinity) ? $"the proof of the winner of {w.Task} within {w.Budget} is none"
        : w.Confidence is { } c
            && !(c.Low <= c.High && double.IsFinite(c.Low)
                && double.IsFinite(c.High)) ? $"the interval of the winner of {w.Task} within {w.Budget} is none"
        : w.TooNear?.Count > w.Members ? $"more are too near to the teacher than there are candidates of {w.Task} within {w.Budget}"
        : null;

    private static string? Costs(string what, long macs, long parameters, double? latency) =>
        macs < 1 || parameters < 1 ? $"{what} costs nothing" : latency is { } seconds ? Time(what, seconds) : null;

    private static string? Time(string what, double seconds) =>
        seconds is >= 0 and < 1e9 ? null : FormattableString.Invariant($"{what}: {seconds} seconds");
}
