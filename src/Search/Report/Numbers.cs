using System.Globalization;

namespace DataSsl.Search.Report;

/// <summary>How the page writes numbers: the same in every culture.</summary>
internal static class Numbers
{
    private static readonly (double Unit, string Suffix)[] Units = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];

    /// <summary>Three significant digits with a decimal prefix: <c>3.61 G</c>.</summary>
    public static string Short(double value)
    {
        foreach (var (unit, suffix) in Units)
            // 999.6 k reads 1.00 M: the unit is chosen after rounding.
            if (Math.Abs(value) >= 0.9995 * unit)
                return Significant(value / unit) + suffix;
        return value.ToString("0.##", CultureInfo.InvariantCulture);
    }

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Score(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    public static string Difference(double value) => value == 0 ? "0" : value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    /// <summary>The two largest units: <c>1 h 12 min</c>.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Clamp(double.IsNaN(seconds) ? 0 : seconds, 0, 1e9));
        return time switch
        {
            { TotalDays: >= 1 } => $"{(int)time.TotalDays} d {time.Hours} h",
            { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} min",
            { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
            _ => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        };
    }

    /// <summary><c>1 candidate</c>, <c>3,000 candidates</c>.</summary>
    public static string Of(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Significant(double value) =>
        value.ToString(Math.Abs(value) switch { >= 99.95 => "0", >= 9.995 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
