using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Costs;

/// <summary>A budget: the architectures of at least <paramref name="From"/> and less than <paramref name="To"/> of a measure.</summary>
/// <param name="Form">Of a latency: what is timed.</param>
public sealed record Budget(Measure Measure, long From, long To, LatencyForm Form = LatencyForm.Folded)
{
    /// <summary>Every architecture.</summary>
    public static readonly Budget All = new(BudgetText.Unlimited.Measure, BudgetText.Unlimited.From, BudgetText.Unlimited.To);

    private const string Help = "give a MACs group such as 3-4G or 10-20M, a limit such as <=4G, a parameter limit such as params<=25M, "
        + "activations such as memory<=8M (bytes), a time such as latency<=12ms or latency@csharp-int8<=5ms, several joined by ' and ', "
        + "or all";

    /// <summary>A further limit that must hold too; null for none.</summary>
    public Budget? And { get; init; }

    /// <summary>A budget that the space file names, or one written out as <see cref="Parse"/> reads it.</summary>
    public static Budget Of(SearchSpace space, string text) =>
        Parse(space.Budgets.FirstOrDefault(b => b.Name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))?.Text ?? text);

    /// <summary>
    /// Reads <c>3-4G</c>, <c>&lt;=4G</c>, <c>params&lt;=25M</c>, <c>memory&lt;=8M</c>, <c>latency&lt;=12ms</c> or <c>3-4G and
    /// params&lt;=25M</c>; a <see cref="UserException"/> otherwise.
    /// </summary>
    public static Budget Parse(string text)
    {
        if (BudgetText.Parse(text, out var problem) is not { } limits) throw new UserException($"'{text}' {problem}: {Help}");
        Budget? budget = null;
        // In one order, however it was written, so that equal budgets are one.
        foreach (var limit in limits.OrderByDescending(l => l.Measure))
            budget = new(limit.Measure, limit.From, limit.To, limit.Form) { And = budget };
        return budget!;
    }

    /// <summary>Its limits, each by itself; <see cref="All"/> has none.</summary>
    public IEnumerable<Budget> Limits
    {
        get
        {
            for (var limit = this; limit is not null; limit = limit.And)
                if (limit.To < long.MaxValue)
                    yield return limit with { And = null };
        }
    }

    /// <summary>Whether an architecture lies within all limits.</summary>
    public bool Contains(Architecture architecture, CostModel costs) =>
        Limits.All(limit => limit.Cost(architecture, costs) is var cost && cost >= limit.From && cost < limit.To);

    /// <summary>What an architecture takes of this limit's measure.</summary>
    public long Cost(Architecture architecture, CostModel costs) => costs.Of(Measure, architecture);

    /// <summary>A cost of this limit's measure in words.</summary>
    public string Say(long cost) =>
        Measure == Measure.Latency ? FormattableString.Invariant($"{cost / 1e6:0.###} ms") : FormattableString.Invariant($"{cost:N0}");

    /// <summary>
    /// A part of a C# identifier, another for every budget: <c>3G</c> for the group 3-4G, <c>10to20M</c>, <c>Upto4G</c>,
    /// <c>ParamsUpto25M</c>.
    /// </summary>
    public string Identifier
    {
        get
        {
            if (this == All) return nameof(All);
            var (scale, unit) = Unit(To);
            var range = IsLimit
                ? $"Upto{Scaled(To - 1)}"
                : From % scale == 0 && To - From == scale
                ? $"{From / scale}{unit}"
                : $"{In(From, scale)}to{Scaled(To)}";
            var measure = Measure switch
            {
                Measure.Macs => "",
                Measure.Parameters => "Params",
                Measure.Latency when Form != LatencyForm.Folded => $"{Measure}{Form}",
                _ => Measure.ToString(),
            };
            return measure + range.Replace('.', '_') + (And is null ? "" : $"And{And.Identifier}");
        }
    }

    /// <summary>The budget as <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        if (this == All) return "all";
        var (prefix, equals) = Measure switch
        {
            Measure.Macs => ("", ""),
            Measure.Parameters => ("params", "="),
            Measure.Memory => ("memory", "="),
            _ => (Form == LatencyForm.Folded ? "latency" : $"latency@{BudgetText.NameOf(Form)}", "="),
        };
        var own = IsLimit ? $"{prefix}<={Scaled(To - 1)}" : $"{prefix}{equals}{In(From, Unit(To).Scale)}-{Scaled(To)}";
        return And is null ? own : $"{own} and {And}";
    }

    /// <summary>Whether it was written as a limit: <c>&lt;=4G</c> ends one above a round number, <c>0-4G</c> at one.</summary>
    private bool IsLimit => From == 0 && Scaled(To - 1).Length <= Scaled(To).Length;

    private static (long Scale, string Name) UnitOf(long value) =>
        value switch { >= 1_000_000_000 => (1_000_000_000, "G"), >= 1_000_000 => (1_000_000, "M"), _ => (1_000, "K") };

    private (long Scale, string Name) Unit(long value) => Measure == Measure.Latency ? (1_000_000, "ms") : UnitOf(value);

    private string Scaled(long value) => In(value, Unit(value).Scale) + Unit(value).Name;

    private static string In(long value, long scale) => ((decimal)value / scale).ToString("0.#########", CultureInfo.InvariantCulture);
}
