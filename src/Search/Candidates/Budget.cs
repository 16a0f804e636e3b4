using System.Globalization;
using System.Text.RegularExpressions;
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
public sealed partial record Budget(Measure Measure, long From, long To)
{
    private const string Help = "give a MACs group such as 3-4G or 10-20M, a limit such as <=4G, or a parameter limit such as params<=25M";

    /// <summary>Reads <c>3-4G</c>, <c>500-800M</c>, <c>&lt;=4G</c>, <c>params&lt;=25M</c> or <c>params=10-25M</c>; a <see cref="UserException"/> otherwise.</summary>
    public static Budget Parse(string text)
    {
        var match = Pattern().Match(text.Trim());
        if (!match.Success) throw new UserException($"'{text}' is not a budget: {Help}");
        var measure = match.Groups["measure"].Value.StartsWith('p') ? Measure.Parameters : Measure.Macs;
        var unit = match.Groups["unit"].Value switch { "k" or "K" => 1_000L, "m" or "M" => 1_000_000L, _ => 1_000_000_000L };
        if (match.Groups["limit"].Success) return new(measure, 0, Number("limit") + 1);
        var budget = new Budget(measure, Number("from"), Number("to"));
        return budget.From < budget.To ? budget : throw new UserException($"'{text}' is an empty budget: its end is not above its start; {Help}");

        long Number(string group)
        {
            var value = decimal.Parse(match.Groups[group].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * unit;
            return value < long.MaxValue / 2 ? (long)value : throw new UserException($"'{text}' is too large a budget: {Help}");
        }
    }

    /// <summary>Whether an architecture lies within.</summary>
    public bool Contains(Architecture architecture, int size) => Cost(architecture, size) is var cost && cost >= From && cost < To;

    public long Cost(Architecture architecture, int size) =>
        Measure == Measure.Macs ? architecture.Space.Macs(architecture, size) : architecture.Space.Parameters(architecture);

    /// <summary>A part of a C# identifier: <c>3G</c>, <c>10M</c>, <c>Upto4G</c>, <c>Params25M</c>.</summary>
    public string Identifier
    {
        get
        {
            var prefix = Measure == Measure.Parameters ? "Params" : "";
            return From == 0 ? $"{prefix}Upto{Short(To - 1)}" : prefix + Short(From);

            static string Short(long value) => Scaled(value).Replace('.', '_');
        }
    }

    public override string ToString()
    {
        var prefix = Measure == Measure.Parameters ? "params" : "";
        if (From == 0 && To > 1 && Scaled(To - 1).Length < Scaled(To).Length) return $"{prefix}<={Scaled(To - 1)}";
        var unit = Scaled(To)[^1];
        var start = Scaled(From);
        if (start[^1] == unit) start = start[..^1];
        return $"{prefix}{(prefix.Length > 0 ? "=" : "")}{start}-{Scaled(To)}";
    }

    private static string Scaled(long value)
    {
        var (scale, unit) = value switch { >= 1_000_000_000 => (1e9m, "G"), >= 1_000_000 => (1e6m, "M"), >= 1_000 => (1e3m, "K"), _ => (1m, "") };
        return (value / scale).ToString("0.#########", CultureInfo.InvariantCulture) + unit;
    }

    [GeneratedRegex(@"^(?:(?<measure>macs|params|parameters)\s*(?:=\s*)?)?(?:<=\s*(?<limit>\d+(?:\.\d+)?)|(?<from>\d+(?:\.\d+)?)\s*-\s*(?<to>\d+(?:\.\d+)?))\s*(?<unit>[kKmMgG])$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
