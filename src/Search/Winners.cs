using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;

namespace DataSsl.Search;

/// <summary>The best candidate of each budget for each task, and those that cannot be told from it.</summary>
internal sealed record Winners(
    CandidateSet Candidates, IReadOnlyList<SearchTask> Tasks, IReadOnlyDictionary<Architecture, Candidate> Records,
    IReadOnlyDictionary<Architecture, Scored> Scored, long Seed)
{
    public List<Winner> Find()
    {
        var units = Scored[Candidates.All[0]].Units.Length / Tasks.Count;
        using var bootstrap = units > 1 ? new Bootstrap(units, Seed) : null;
        return
        [
            .. Tasks.Index()
                .SelectMany(task => Candidates.Groups.Select(group => Of(task.Index, group.Key, group.Value, units, bootstrap))),
        ];
    }

    private Winner Of(int task, Budget budget, IReadOnlyList<Architecture> members, int units, Bootstrap? bootstrap)
    {
        var best = members.OrderByDescending(a => Scored[a].Scores[task]).ThenBy(a => Records[a].Macs).ThenBy(a => Records[a].Index)
            .First();
        if (bootstrap is null) return new(Tasks[task].Name, budget.ToString(), Records[best], members.Count);
        var (low, high, tied) = bootstrap.Compare(UnitsOf(best).Span, [.. members.Select(UnitsOf)]);
        var equals = members.Where((_, i) => tied[i]).Select(a => Records[a]).ToList();
        var near = TooNear(task, members, bootstrap);
        // A winner whose scores are no numbers is as good as nothing, itself included.
        var cheapest = equals.OrderBy(c => c.Macs).ThenBy(c => c.Parameters).ThenBy(c => c.Index).FirstOrDefault(Records[best]);
        return new(
            Tasks[task].Name, budget.ToString(), Records[best], members.Count,
            Confidence: new(low, high, [.. equals.Select(c => c.Index)], cheapest), TooNear: near);

        ReadOnlyMemory<float> UnitsOf(Architecture a) => Scored[a].Units.AsMemory(task * units, units);
    }

    /// <summary>
    /// The members that lie too near to the teacher for likeness to it to rank them: what is as like it as Max itself, which has its
    /// architecture, cannot be told from Max (by the same confidence set), and to be still more like it is nothing better.
    /// </summary>
    /// <returns>Their indices, Max's left out; null where Max was not scored, or the teacher is another's and sets no such bound.</returns>
    private List<long>? TooNear(int task, IReadOnlyList<Architecture> members, Bootstrap bootstrap)
    {
        var max = members[0].Space.Max;
        if (Tasks[task].Metric == Metric.ForeignRelation || !Scored.TryGetValue(max, out var largest)) return null;
        var others = members.Where(a => !a.Equals(max)).ToList();
        var units = largest.Units.Length / Tasks.Count;
        var (_, _, tied) = bootstrap.Compare(UnitsOf(largest).Span, [.. others.Prepend(max).Select(a => UnitsOf(Scored[a]))]);
        return [.. others.Where((_, i) => tied[i + 1]).Select(a => Records[a].Index)];

        ReadOnlyMemory<float> UnitsOf(Scored of) => of.Units.AsMemory(task * units, units);
    }
}
