using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Parsing;

/// <summary>Reads named budgets; each is written as the command line takes it: <c>3-4G</c>, <c>&lt;=600M</c>, <c>params&lt;=25M</c>, <c>params=10-25M</c>.</summary>
internal sealed class BudgetReader(YamlErrors errors)
{
    public IReadOnlyList<(NamedBudget Budget, YamlNode Source)> Read(YamlMap? all)
    {
        var budgets = new List<(NamedBudget, YamlNode)>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in (all?.Node.Entries ?? []).Take(Limits.Names))
        {
            // The name goes where a budget goes on the command line, so it must not look like one.
            if (!IsName(key.Text)) errors.Report(Descriptors.NotIdentifier, key, key.Text, "name of a budget: give a letter, then letters, digits, - or _");
            if (!taken.Add(key.Text)) errors.Report(Descriptors.Duplicate, key, key.Text);
            if (YamlMap.Word(value, key.Text, errors) is not { } word) continue;
            if (Parse(key.Text, word.Text) is { } budget) budgets.Add((budget, word));
            else errors.Report(Descriptors.NotBudget, word, word.Text);
        }
        return budgets;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 100 && IsLetter(text[0]) && text.All(c => IsLetter(c) || c is >= '0' and <= '9' or '-' or '_');

    private static bool IsLetter(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z';

    private static NamedBudget? Parse(string name, string text)
    {
        var rest = text.Trim();
        var ofParameters = Strip(ref rest, "parameters") || Strip(ref rest, "params");
        var named = ofParameters || Strip(ref rest, "macs");
        if (rest.Length == 0 || Scale(rest[rest.Length - 1]) is not { } scale) return null;
        var numbers = rest.Substring(0, rest.Length - 1);
        if (Strip(ref numbers, "<=")) return Number(numbers, scale) is { } limit ? new(name, text, ofParameters, 0, limit + 1) : null;
        if (named && !Strip(ref numbers, "=")) return null;
        var ends = numbers.Split('-');
        return ends.Length == 2 && Number(ends[0], scale) is { } from && Number(ends[1], scale) is { } to && from < to
            ? new(name, text, ofParameters, from, to) : null;
    }

    private static bool Strip(ref string text, string word)
    {
        if (!text.StartsWith(word, StringComparison.Ordinal)) return false;
        text = text.Substring(word.Length).TrimStart();
        return true;
    }

    private static long? Scale(char unit) => unit switch { 'k' or 'K' => 1_000, 'm' or 'M' => 1_000_000, 'g' or 'G' => 1_000_000_000, _ => null };

    private static long? Number(string text, long scale) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < Limits.Most / scale ? (long)(number * scale) : null;
}
