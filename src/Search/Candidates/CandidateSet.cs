using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;

namespace DataSsl.Search.Candidates;

/// <summary>Architectures to rank, by budget: all of the grid within each, a number drawn from each, or those of a list.</summary>
public sealed class CandidateSet : IStrategy
{
    /// <summary>The largest space whose architectures are taken one by one: minutes, and about a gigabyte.</summary>
    public const long MostEnumerated = 5_000_000;

    /// <summary>Index order, in which those off the grid have a place too.</summary>
    private static readonly Comparer<Architecture> InGridOrder = Comparer<Architecture>.Create(
        (a, b) => a.Choices.SequenceCompareTo(b.Choices));

    /// <param name="groups">The candidates of each budget.</param>
    public CandidateSet(IReadOnlyDictionary<Budget, IReadOnlyList<Architecture>> groups)
    {
        Groups = groups.ToDictionary(g => g.Key, g => (IReadOnlyList<Architecture>)[.. g.Value.Order(InGridOrder)]);
        All = Groups.Values.SelectMany(g => g).Distinct().Order(InGridOrder).ToList();
    }

    /// <summary>The candidates of each budget, in index order.</summary>
    public IReadOnlyDictionary<Budget, IReadOnlyList<Architecture>> Groups { get; }

    /// <summary>Every candidate once, in index order.</summary>
    public IReadOnlyList<Architecture> All { get; }

    /// <inheritdoc/>
    public int Most => All.Count;

    /// <inheritdoc/>
    public IReadOnlyCollection<Architecture> Largest => All;

    /// <inheritdoc/>
    public IEnumerable<CandidateSet> Rounds(Func<Architecture, IReadOnlyList<double>> scoresOf) => [this];

    /// <summary>
    /// All architectures of the grid within each budget. A <see cref="UserException"/> names a budget that nothing fits, with the nearest
    /// costs, or says that the space is too large.
    /// </summary>
    public static CandidateSet Exhaustive(SearchSpace space, IReadOnlyList<Budget> budgets, CostModel costs)
    {
        if (space.Count > MostEnumerated)
            throw new UserException(
                FormattableString.Invariant(
                    $"{space.Name} has {space.Count:N0} architectures, too many to rank them all (up to {MostEnumerated:N0}); give --strategy evolution or --strategy random"));
        var members = budgets.ToDictionary(b => b, _ => new List<Architecture>());
        foreach (var architecture in space.All())
            foreach (var budget in budgets)
                if (budget.Contains(architecture, costs))
                    members[budget].Add(architecture);
        foreach (var budget in budgets.Where(b => members[b].Count == 0)) throw Empty(space, budget, costs);
        return new(members.ToDictionary(m => m.Key, m => (IReadOnlyList<Architecture>)m.Value));
    }

    /// <summary>
    /// So many drawn uniformly from each budget, or all where there are fewer, without listing the space. The paper draws 100 of each
    /// 1-GMAC group (DATA, section 4).
    /// </summary>
    public static CandidateSet Random(SearchSpace space, IReadOnlyList<Budget> budgets, CostModel costs, int perBudget, long seed) =>
        new(budgets.ToDictionary(b => b, b => new BudgetDraw(space, b, costs, seed).Take(perBudget)));

    /// <summary>
    /// Those of a list that are within each budget, on the grid or off it; a <see cref="UserException"/> names a budget that none is
    /// within, with their costs.
    /// </summary>
    /// <param name="origin">What a message calls the list.</param>
    public static CandidateSet Among(IReadOnlyList<Architecture> listed, IReadOnlyList<Budget> budgets, CostModel costs, string origin)
    {
        var groups = budgets.ToDictionary(b => b, b => (IReadOnlyList<Architecture>)[.. listed.Where(a => b.Contains(a, costs))]);
        if (budgets.FirstOrDefault(b => groups[b].Count == 0) is not { } empty) return new(groups);
        var limit = empty.Limits.FirstOrDefault(l => !listed.Any(a => l.Contains(a, costs)));
        var taken = limit is null ? null : listed.Select(a => limit.Cost(a, costs)).ToList();
        var why = taken is null
            ? "each limit has some, but none has all"
            : FormattableString.Invariant($"their costs are {limit!.Say(taken.Min())} to {limit.Say(taken.Max())}");
        throw new UserException($"{origin}: none of its architectures is within the budget {empty} at {costs.Size} pixels; {why}");
    }

    /// <summary>What is wrong with a budget that no architecture of the grid fits.</summary>
    internal static UserException Empty(SearchSpace space, Budget budget, CostModel costs)
    {
        if (budget.And is not null && budget.Limits.All(limit => space.All().Any(a => limit.Contains(a, costs))))
            return new(
                $"no architecture of {space.Name} at {costs.Size} pixels is within the budget {budget}: each limit has members, but none has all");
        budget = budget.Limits.First(limit => !space.All().Any(a => limit.Contains(a, costs)));
        return new(
            $"no architecture of {space.Name} at {costs.Size} pixels is within the budget {budget}; nearest costs: {Nearest(budget, space.All().Select(a => budget.Cost(a, costs)))}");
    }

    /// <summary>The costs next to a limit, in words.</summary>
    internal static string Nearest(Budget limit, IEnumerable<long> costs)
    {
        var (below, above) = (-1L, -1L);
        foreach (var cost in costs)
            if (cost < limit.From) below = Math.Max(below, cost);
            else if (cost >= limit.To) above = above < 0 ? cost : Math.Min(above, cost);
        return string.Join(" and ", new[] { below, above }.Where(c => c >= 0).Select(limit.Say));
    }
}
