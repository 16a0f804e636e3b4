using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Reads the values of a choice: a range <c>{from, to, step}</c>, an ascending list or one fixed number. An empty list stands for what was
/// reported.
/// </summary>
internal sealed class ValueReader(YamlErrors errors)
{
    public IReadOnlyList<int> Values(YamlNode? node, string key) => node switch
    {
        null => [],
        YamlMapping => Range(YamlMap.From(node, errors, key)!, key),
        YamlList list => List(list, key),
        _ => Number(node, key, Limits.Of(key)) is { } value ? [value] : [],
    };

    /// <summary>A whole number from 1 to a bound, or null after a report.</summary>
    public int? Number(YamlNode? node, string key, int most)
    {
        if (node is null) return null;
        if (node is not YamlScalar scalar
            || !decimal.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            errors.Report(Descriptors.WrongType, node, key, "a whole number");
            return null;
        }
        if (number >= 1 && number <= most) return (int)number;
        if (number < 1) errors.Report(Descriptors.NotPositive, node, key, scalar.Text);
        else errors.Report(Descriptors.TooLarge, node, key, Digits.Of(most), scalar.Text);
        return null;
    }

    private IReadOnlyList<int> Range(YamlMap map, string key)
    {
        var most = Limits.Of(key);
        var (from, to) = (Number(map.Required("from"), "from", most), Number(map.Required("to"), "to", most));
        var stepNode = map.Optional("step");
        var step = stepNode is null ? 1 : Number(stepNode, "step", most);
        map.Finish();
        if (from is not { } first || to is not { } last || step is not { } by) return [];
        if (first > last) return Refuse(Descriptors.EmptyRange, map.Node, key, Digits.Of(first), Digits.Of(last));
        var count = (last - first) / by + 1;
        if (count > Limits.Values)
            return Refuse(Descriptors.TooLarge, map.Node, $"{key}: number of values", Digits.Of(Limits.Values), Digits.Of(count));
        var values = Enumerable.Range(0, count).Select(i => first + i * by).ToList();
        return values[count - 1] == last
            ? values
            : Refuse(Descriptors.StepMissesEnd, stepNode ?? map.Node, key, Digits.Of(last), Shown(values));
    }

    private IReadOnlyList<int> List(YamlList list, string key)
    {
        if (list.Items.Count == 0) return Refuse(Descriptors.WrongType, list, key, "a list with at least one value");
        if (list.Items.Count > Limits.Values)
            return Refuse(
                Descriptors.TooLarge, list, $"{key}: number of values", Digits.Of(Limits.Values), Digits.Of(list.Items.Count));
        var values = list.Items.Select(item => Number(item, key, Limits.Of(key))).ToList();
        for (var i = 1; i < values.Count; i++)
            if (values[i] is { } value && values[i - 1] is { } before && value <= before)
                errors.Report(Descriptors.NotAscending, list.Items[i], key, Digits.Of(value), Digits.Of(before));
        return values.All(v => v is not null) ? values.Select(v => v!.Value).ToList() : [];
    }

    private IReadOnlyList<int> Refuse(Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, YamlNode node, params string[] arguments)
    {
        errors.Report(descriptor, node, arguments);
        return [];
    }

    private static string Shown(List<int> values) =>
        string.Join(", ", values.Take(8).Select(v => Digits.Of(v))) + (values.Count > 9 ? ", …" : "")
            + (values.Count > 8 ? ", " + Digits.Of(values[values.Count - 1]) : "");
}
