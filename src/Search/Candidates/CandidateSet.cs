using DataSsl.Runtime;

namespace DataSsl.Search.Candidates;

/// <summary>The architectures that a search ranks: those of the grid within a budget, all or a number drawn from each.</summary>
public sealed class CandidateSet
{
    private CandidateSet(IReadOnlyDictionary<Budget, IReadOnlyList<Architecture>> groups)
    {
        Groups = groups;
        All = groups.Values.SelectMany(g => g).Distinct().Order(InGridOrder).ToList();
    }

    /// <summary>Index order, in which those off the grid have a place too.</summary>
    private static readonly Comparer<Architecture> InGridOrder = Comparer<Architecture>.Create((a, b) => a.Choices.SequenceCompareTo(b.Choices));

    /// <summary>The candidates of each budget, in index order.</summary>
    public IReadOnlyDictionary<Budget, IReadOnlyList<Architecture>> Groups { get; }

    /// <summary>Every candidate once, in index order.</summary>
    public IReadOnlyList<Architecture> All { get; }

    /// <summary>
    /// Collects the candidates. The paper draws 100 of each 1-GMAC group (DATA, section 4); <paramref name="perBudget"/> does that, and null takes all.
    /// A <see cref="UserException"/> names a budget that nothing fits, with the nearest costs.
    /// </summary>
    public static CandidateSet Collect(SearchSpace space, IReadOnlyList<Budget> budgets, int size, int? perBudget, long seed)
    {
        var members = budgets.ToDictionary(b => b, _ => new List<Architecture>());
        foreach (var architecture in space.All())
            foreach (var budget in budgets)
                if (budget.Contains(architecture, size))
                    members[budget].Add(architecture);
        foreach (var budget in budgets.Where(b => members[b].Count == 0)) throw Empty(space, budget, size);
        var groups = budgets.ToDictionary(b => b, b => (IReadOnlyList<Architecture>)(perBudget is { } n ? Draw(members[b], n, seed, b) : members[b]));
        return new(groups);
    }

    /// <summary>Those of a list that are within each budget, on the grid or off it; a <see cref="UserException"/> names a budget that none is within, with their costs.</summary>
    /// <param name="origin">What a message calls the list.</param>
    public static CandidateSet Among(IReadOnlyList<Architecture> listed, IReadOnlyList<Budget> budgets, int size, string origin)
    {
        var groups = budgets.ToDictionary(b => b, b => (IReadOnlyList<Architecture>)[.. listed.Where(a => b.Contains(a, size)).Order(InGridOrder)]);
        if (budgets.FirstOrDefault(b => groups[b].Count == 0) is not { } empty) return new(groups);
        var limit = empty.Limits.FirstOrDefault(l => !listed.Any(a => l.Contains(a, size)));
        var costs = limit is null ? null : listed.Select(a => limit.Cost(a, size)).ToList();
        var why = costs is null ? "each limit has some, but none has all" : FormattableString.Invariant($"their costs are {costs.Min():N0} to {costs.Max():N0}");
        throw new UserException($"{origin}: none of its architectures is within the budget {empty} at {size} pixels; {why}");
    }

    private static List<Architecture> Draw(List<Architecture> all, int count, long seed, Budget budget)
    {
        if (all.Count <= count) return all;
        var shuffled = all.ToArray();
        var random = CounterRandom.For((ulong)seed, "candidates" + budget.And, budget.From, budget.To, (long)budget.Measure);
        random.Shuffle(shuffled.AsSpan());
        return [.. shuffled.Take(count).OrderBy(a => a.Space.IndexOf(a))];
    }

    private static UserException Empty(SearchSpace space, Budget budget, int size)
    {
        if (budget.And is not null && budget.Limits.All(limit => space.All().Any(a => limit.Contains(a, size))))
            return new($"no architecture of {space.Name} at {size} pixels is within the budget {budget}: each limit has members, but none has all");
        budget = budget.Limits.First(limit => !space.All().Any(a => limit.Contains(a, size)));
        var costs = space.All().Select(a => budget.Cost(a, size)).ToList();
        var below = costs.Where(c => c < budget.From).DefaultIfEmpty(-1).Max();
        var above = costs.Where(c => c >= budget.To).DefaultIfEmpty(-1).Min();
        var near = string.Join(" and ", new[] { below, above }.Where(c => c >= 0).Select(c => $"{c:N0}"));
        return new($"no architecture of {space.Name} at {size} pixels is within the budget {budget}; nearest costs: {near}");
    }
}
