using DataSsl.Search.Costs;
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
        var limits = Budget.Parse(text).Limits.Select(b => (b, At: measures.Index().Single(m => m.Item.Measure == b.Measure).Index))
            .Select(l => (l.At, From: l.b.From * measures[l.At].Scale, To: l.b.To * measures[l.At].Scale)).ToList();
        var members = Enumerable.Range(0, costs[0].Length)
            .Where(i => limits.TrueForAll(l => costs[l.At][i] >= l.From && costs[l.At][i] < l.To));
        return new(text, [.. members], limits.ToDictionary(l => measures[l.At].Name, l => new[] { l.From, l.To }));
    }
}
