using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>Reads named budgets, each written as the command line takes it.</summary>
internal sealed class BudgetReader(YamlErrors errors)
{
    public IReadOnlyList<(NamedBudget Budget, YamlNode Source)> Read(YamlMap? all)
    {
        var budgets = new List<(NamedBudget, YamlNode)>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in (all?.Node.Entries ?? []).Take(Limits.Names))
        {
            // The name goes where a budget goes on the command line, so it must not look like one.
            if (!IsName(key.Text))
                errors.Report(Descriptors.NotIdentifier, key, key.Text, "name of a budget: give a letter, then letters, digits, - or _");
            if (!taken.Add(key.Text)) errors.Report(Descriptors.Duplicate, key, key.Text);
            if (YamlMap.Word(value, key.Text, errors) is not { } word) continue;
            var limits = BudgetText.Parse(word.Text, out var problem);
            if (limits?.Any(l => l.Measure == Measure.Latency) == true)
                (limits, problem) = (null, "limits latency, which a device has and a space has not: it belongs to 'search --budgets'");
            if (limits is not null) budgets.Add((new(key.Text, word.Text), word));
            else errors.Report(Descriptors.NotBudget, word, word.Text, problem);
        }
        return budgets;
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && IsLetter(text[0]) && text.All(c => IsLetter(c) || c is >= '0' and <= '9' or '-' or '_');

    private static bool IsLetter(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z';
}
