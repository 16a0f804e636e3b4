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
        // A winner whose scores are no numbers is as good as nothing, itself included.
        var cheapest = equals.OrderBy(c => c.Macs).ThenBy(c => c.Parameters).ThenBy(c => c.Index).FirstOrDefault(Records[best]);
        return new(
            Tasks[task].Name, budget.ToString(), Records[best], members.Count,
            Confidence: new(low, high, [.. equals.Select(c => c.Index)], cheapest));

        ReadOnlyMemory<float> UnitsOf(Architecture a) => Scored[a].Units.AsMemory(task * units, units);
    }
}
