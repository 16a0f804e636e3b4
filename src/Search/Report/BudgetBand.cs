using System.Globalization;
using System.Text.RegularExpressions;

namespace DataSsl.Search.Report;

/// <summary>The stretch of the MACs axis that a budget allows.</summary>
internal sealed partial record BudgetBand(double Low, double High)
{
    /// <summary>Reads <c>3-4G</c>, <c>&lt;=4G</c> or <c>macs&lt;=4G</c>. Budgets on anything but MACs have no place on this axis: null.</summary>
    public static BudgetBand? Of(string budget)
    {
        if (Pattern().Match(budget) is not { Success: true } match) return null;
        var unit = match.Groups["unit"].Value.ToUpperInvariant() switch { "K" => 1e3, "M" => 1e6, "G" => 1e9, _ => 1e12 };
        var low = match.Groups["low"] is { Success: true } group ? Number(group.Value) : 0;
        return new(low * unit, Number(match.Groups["high"].Value) * unit);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(macs\s*[:=]?\s*)?(((?<low>\d+(\.\d+)?)\s*(-|–|\.\.)\s*)|<=?\s*|≤\s*)(?<high>\d+(\.\d+)?)\s*(?<unit>[KMGT])(MACs)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
