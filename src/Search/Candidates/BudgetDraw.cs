using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;

namespace DataSsl.Search.Candidates;

/// <summary>
/// The members of a budget in a random order, every order as likely as another: drawn from the whole space, those outside thrown away. The
/// space is not listed.
/// </summary>
public sealed class BudgetDraw
{
    /// <summary>Architectures that one draw looks at: seconds. A space of fewer is drawn whole.</summary>
    public const int MostTries = 1_000_000;

    /// <summary>How many an error tells the nearest costs of.</summary>
    private const int Shown = 20_000;

    private readonly SearchSpace space;
    private readonly Budget budget;
    private readonly CostModel costs;
    private readonly int mostTries;
    private readonly CounterRandom random;
    private readonly UniformDraw draw;

    /// <param name="seed">The same seed gives the same order, whatever other budgets are drawn from.</param>
    public BudgetDraw(SearchSpace space, Budget budget, CostModel costs, long seed, int mostTries = MostTries)
    {
        (this.space, this.budget, this.costs, this.mostTries) = (space, budget, costs, mostTries);
        random = CounterRandom.For((ulong)seed, "candidates" + budget.And, budget.From, budget.To, (long)budget.Measure);
        draw = new(space, random);
    }

    /// <summary>The next member; null where there is none left, or none among what is looked at.</summary>
    public Architecture? Next()
    {
        while (draw.Drawn < mostTries && draw.Next() is { } architecture)
            if (budget.Contains(architecture, costs))
                return architecture;
        return null;
    }

    /// <summary>
    /// So many members, or fewer where <see cref="Next"/> finds no more; a <see cref="UserException"/> where it finds none at all.
    /// </summary>
    public IReadOnlyList<Architecture> Take(int count)
    {
        var taken = new List<Architecture>();
        while (taken.Count < count && Next() is { } architecture) taken.Add(architecture);
        return taken.Count > 0 ? taken : throw None();
    }

    private UserException None()
    {
        if (space.Count <= mostTries) return CandidateSet.Empty(space, budget, costs);
        var limits = budget.Limits.Select(
            limit =>
                $"{limit}: {CandidateSet.Nearest(limit, new UniformDraw(space, random).Take(Shown).Select(a => limit.Cost(a, costs)))}");
        return new(FormattableString.Invariant(
            $"none of {mostTries:N0} architectures drawn from {space.Name}'s {space.Count:N0} is within the budget {budget} at {costs.Size} pixels: it is too narrow to search by drawing; costs drawn next to {string.Join("; ", limits)}"));
    }
}
