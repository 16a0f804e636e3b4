using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Report;

/// <summary>A cost that candidates are drawn against.</summary>
/// <param name="Unit">Of the values, without a decimal prefix.</param>
internal sealed record CostMeasure(Measure Measure, string Name, string Unit)
{
    private static readonly CostMeasure[] Known =
    [
        new(Measure.Macs, "MACs", "MACs"), new(Measure.Parameters, "Parameters", "parameters"), new(Measure.Memory, "Activations", "B"),
        new(Measure.Latency, "Latency", "s"),
    ];

    /// <summary>The measures that every search knows, and those that its budgets limit.</summary>
    public static IReadOnlyList<CostMeasure> In(IEnumerable<Budget> budgets)
    {
        var limited = budgets.SelectMany(b => b.Limits).Select(b => b.Measure).ToHashSet();
        return [.. Known.Where(m => m.Measure is Measure.Macs or Measure.Parameters || limited.Contains(m.Measure))];
    }

    /// <summary>What the page's unit is of a budget's.</summary>
    public double Scale => Measure == Measure.Latency ? 1e-9 : 1;

    /// <summary>What an architecture costs on images of <paramref name="size"/> x <paramref name="size"/> pixels.</summary>
    public double Of(Architecture architecture, int size) => new CostModel(size).Of(Measure, architecture);
}
