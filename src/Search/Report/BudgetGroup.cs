using DataSsl.Search.Candidates;
using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>A budget of the search and the candidates within it.</summary>
/// <param name="Members">Positions of the candidates, ascending.</param>
/// <param name="Bounds">By measure: lower bound (included) and upper bound (not included).</param>
internal sealed record BudgetGroup(string Name, IReadOnlyList<int> Members, IReadOnlyDictionary<string, double[]> Bounds)
{
    /// <summary>All candidates, then those of each budget that a winner was found for.</summary>
    /// <param name="costs">[measure][candidate].</param>
    public static IReadOnlyList<BudgetGroup> Of(SearchResult result, IReadOnlyList<CostMeasure> measures, double[][] costs) =>
    [
        new("all candidates", [.. Enumerable.Range(0, costs[0].Length)], new Dictionary<string, double[]>()),
        .. result.Winners.Select(w => w.Budget).Distinct().Select(text => Within(text, measures, costs)),
    ];

    private static BudgetGroup Within(string text, IReadOnlyList<CostMeasure> measures, double[][] costs)
    {
        var limits = Budget.Parse(text).Limits.Select(b => (Limit: b, At: measures.Index().Single(m => m.Item.Measure == b.Measure).Index)).ToList();
        var members = Enumerable.Range(0, costs[0].Length).Where(i => limits.TrueForAll(l => costs[l.At][i] >= l.Limit.From && costs[l.At][i] < l.Limit.To));
        return new(text, [.. members], limits.ToDictionary(l => measures[l.At].Name, l => new double[] { l.Limit.From, l.Limit.To }));
    }
}
