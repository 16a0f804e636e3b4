using System.Globalization;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;

namespace DataSsl.Search.Candidates;

/// <summary>What a budget limits.</summary>
public enum Measure
{
    /// <summary>Multiply-accumulates of one image.</summary>
    Macs,

    /// <summary>Convolution weights and BatchNorm parameters.</summary>
    Parameters,
}

/// <summary>A budget: the architectures of at least <paramref name="From"/> and less than <paramref name="To"/> of a measure.</summary>
public sealed record Budget(Measure Measure, long From, long To)
{
    private const string Help = "give a MACs group such as 3-4G or 10-20M, a limit such as <=4G, or a parameter limit such as params<=25M";

    /// <summary>A budget that the space file names, or one written out as <see cref="Parse"/> reads it.</summary>
    public static Budget Of(SearchSpace space, string text) =>
        Parse(space.Budgets.FirstOrDefault(b => b.Name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))?.Text ?? text);

    /// <summary>Reads <c>3-4G</c>, <c>500-800M</c>, <c>&lt;=4G</c>, <c>params&lt;=25M</c> or <c>params=10-25M</c>; a <see cref="UserException"/> otherwise.</summary>
    public static Budget Parse(string text) => BudgetText.Parse(text, out var problem) is var (ofParameters, from, to)
        ? new(ofParameters ? Measure.Parameters : Measure.Macs, from, to)
        : throw new UserException($"'{text}' {problem}: {Help}");

    /// <summary>Whether an architecture lies within.</summary>
    public bool Contains(Architecture architecture, int size) => Cost(architecture, size) is var cost && cost >= From && cost < To;

    public long Cost(Architecture architecture, int size) =>
        Measure == Measure.Macs ? architecture.Space.Macs(architecture, size) : architecture.Space.Parameters(architecture);

    /// <summary>A part of a C# identifier, another for every budget: <c>3G</c> for the group 3-4G, <c>10to20M</c>, <c>Upto4G</c>, <c>ParamsUpto25M</c>.</summary>
    public string Identifier
    {
        get
        {
            var (scale, unit) = UnitOf(To);
            var range = IsLimit ? $"Upto{Scaled(To - 1)}" : From % scale == 0 && To - From == scale ? $"{From / scale}{unit}" : $"{In(From, scale)}to{Scaled(To)}";
            return (Measure == Measure.Parameters ? "Params" : "") + range.Replace('.', '_');
        }
    }

    /// <summary>The budget as <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        var (prefix, equals) = Measure == Measure.Parameters ? ("params", "=") : ("", "");
        return IsLimit ? $"{prefix}<={Scaled(To - 1)}" : $"{prefix}{equals}{In(From, UnitOf(To).Scale)}-{Scaled(To)}";
    }

    /// <summary>Whether it was written as a limit: <c>&lt;=4G</c> ends one above a round number, <c>0-4G</c> at one.</summary>
    private bool IsLimit => From == 0 && Scaled(To - 1).Length <= Scaled(To).Length;

    private static (long Scale, string Name) UnitOf(long value) =>
        value switch { >= 1_000_000_000 => (1_000_000_000, "G"), >= 1_000_000 => (1_000_000, "M"), _ => (1_000, "K") };

    private static string Scaled(long value) => In(value, UnitOf(value).Scale) + UnitOf(value).Name;

    private static string In(long value, long scale) => ((decimal)value / scale).ToString("0.#########", CultureInfo.InvariantCulture);
}
