using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace DataSsl.SearchSpaces;

/// <summary>
/// The one grammar of budgets, in space files and on the command line: <c>3-4G</c>, <c>500-800M</c>, <c>&lt;=4G</c>, <c>params&lt;=25M</c>,
/// <c>params=10-25M</c>, <c>memory&lt;=8M</c>, <c>latency&lt;=12ms</c>, <c>8-12ms</c>, <c>latency@csharp-int8&lt;=5ms</c>, several of them
/// joined by <c>and</c>, or <c>all</c>, which limits nothing.
/// </summary>
public static class BudgetText
{
    private const string Milliseconds = "ms";

    /// <summary>What stands between <c>latency</c> and the name of a form.</summary>
    private const char As = '@';

    /// <summary>The forms that can be timed, by the names that <c>emit</c> has for them; <c>int8</c> is short for the last.</summary>
    private static readonly (string Name, LatencyForm Form)[] Forms =
    [
        ("folded", LatencyForm.Folded), ("csharp", LatencyForm.CSharp), ("csharp-int8", LatencyForm.CSharpInt8),
        ("int8", LatencyForm.CSharpInt8),
    ];

    /// <summary>The one limit of <c>all</c>: no cost reaches it.</summary>
    public static readonly BudgetLimit Unlimited = new(Measure.Macs, 0, long.MaxValue);

    /// <summary>The name that <c>emit</c> has for a form.</summary>
    public static string NameOf(LatencyForm form) => Forms.First(known => known.Form == form).Name;

    /// <summary>
    /// The limits that a budget joins, one a measure; null with a <paramref name="problem"/> that follows the text in a sentence.
    /// </summary>
    public static EquatableArray<BudgetLimit>? Parse(string text, out string problem)
    {
        problem = "";
        if (text.Trim() == "all") return new[] { Unlimited }.ToEquatableArray();
        var limits = new List<BudgetLimit>();
        foreach (var part in text.Split([" and "], StringSplitOptions.None))
        {
            if (ParseOne(part, out problem) is not { } limit) return null;
            if (limits.Any(l => l.Measure == limit.Measure)) problem = "limits one measure twice";
            if (problem.Length > 0) return null;
            limits.Add(limit);
        }
        return limits.ToEquatableArray();
    }

    private static BudgetLimit? ParseOne(string text, out string problem)
    {
        problem = "is not a budget";
        var rest = text.Trim();
        Measure? given =
            Strip(ref rest, "parameters") || Strip(ref rest, "params") ? Measure.Parameters
            : Strip(ref rest, "memory") ? Measure.Memory
            : Strip(ref rest, "latency") ? Measure.Latency
            : Strip(ref rest, "macs") ? Measure.Macs : null;
        var form = LatencyForm.Folded;
        if (given == Measure.Latency && rest.Length > 0 && rest[0] == As)
        {
            var name = new string([.. rest.Skip(1).TakeWhile(c => c is not ('<' or '=' or ' '))]);
            problem = "times no form that can be timed (folded, csharp, csharp-int8)";
            if (Forms.FirstOrDefault(known => known.Name == name) is not { Name: not null } known) return null;
            (form, rest, problem) = (known.Form, rest.Substring(1 + name.Length).TrimStart(), "is not a budget");
        }
        // Milliseconds are of nothing else.
        var inTime = rest.EndsWith(Milliseconds, StringComparison.Ordinal);
        var (named, measure) = (given is not null, given ?? (inTime ? Measure.Latency : Measure.Macs));
        if (inTime != (measure == Measure.Latency) || rest.Length == 0
            || (inTime ? 1_000_000 : Scale(rest[rest.Length - 1])) is not { } scale)
            return null;
        var numbers = rest.Substring(0, rest.Length - (inTime ? Milliseconds.Length : 1));
        var isLimit = Strip(ref numbers, "<=");
        if (named && !isLimit && !Strip(ref numbers, "=")) return null;
        var ends = (isLimit ? [numbers] : numbers.Split('-')).Select(end => Number(end.Trim())).ToList();
        if (ends.Count != (isLimit ? 1 : 2) || ends.Contains(null)) return null;
        problem = "is too large a budget";
        if (ends.Any(end => end >= (decimal)Space.Most / scale)) return null;
        var (from, to) = isLimit
            ? (0, (long)(ends[0]!.Value * scale) + 1)
            : ((long)(ends[0]!.Value * scale), (long)(ends[1]!.Value * scale));
        problem = from < to ? "" : "is an empty budget: its end is not above its start";
        return from < to ? new(measure, from, to, form) : null;
    }

    private static bool Strip(ref string text, string word)
    {
        if (!text.StartsWith(word, StringComparison.Ordinal)) return false;
        text = text.Substring(word.Length).TrimStart();
        return true;
    }

    private static long? Scale(char unit) =>
        unit switch { 'k' or 'K' => 1_000, 'm' or 'M' => 1_000_000, 'g' or 'G' => 1_000_000_000, _ => null };

    /// <summary>Digits, or digits, a point and digits. What no decimal holds is as good as the largest: too large.</summary>
    private static decimal? Number(string text)
    {
        var parts = text.Split('.');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.Any(c => c is < '0' or > '9'))) return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : decimal.MaxValue;
    }
}
