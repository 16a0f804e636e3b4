using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Reads constraints: <c>stage2.width >= stage1.width</c>, <c>stage1.depth &lt;= 3</c>, or <c>width non-decreasing</c>, which stands for
/// the comparisons of each stage with the next.
/// </summary>
internal sealed class ConstraintReader(IReadOnlyList<Axis> axes, YamlErrors errors)
{
    private const string Form = "a constraint such as 'stage2.width >= stage1.width', 'stage1.depth <= 3' or 'width non-decreasing'";

    private static readonly char[] Blanks = [' ', '\t', '\n'];

    private static readonly string[] Relations = ["<=", ">=", "==", "!=", "<", ">"];

    private static readonly Dictionary<string, string> Orders = new(StringComparer.Ordinal)
    {
        ["non-decreasing"] = "<=",
        ["non-increasing"] = ">=",
        ["increasing"] = "<",
        ["decreasing"] = ">",
        ["equal"] = "==",
    };

    /// <summary>The comparisons in the order of the file, each with the entry that it comes from.</summary>
    public IReadOnlyList<(Comparison Comparison, YamlNode Source)> Read(YamlNode? node)
    {
        if (node is null) return [];
        if (node is not YamlList { Items.Count: > 0 and <= Limits.Constraints } list)
        {
            errors.Report(Descriptors.WrongType, node, "constraints", $"a list of 1 to {Limits.Constraints} constraints");
            return [];
        }
        return list.Items.SelectMany(item => ReadOne(item).Select(c => (c, item))).GroupBy(c => c.c).Select(g => g.First()).ToList();
    }

    private IEnumerable<Comparison> ReadOne(YamlNode node)
    {
        if (node is not YamlScalar scalar) return Refuse(node, "this");
        var relation = Relations.FirstOrDefault(r => scalar.Text.Contains(r));
        if (relation is not null) return Compare(scalar, relation);
        var words = scalar.Text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && Orders.TryGetValue(words[1], out var order)
            ? Order(scalar, words[0], order)
            : Refuse(scalar, scalar.Text);
    }

    private IEnumerable<Comparison> Compare(YamlScalar scalar, string relation)
    {
        var at = scalar.Text.IndexOf(relation, StringComparison.Ordinal);
        var (left, right) = (scalar.Text.Substring(0, at).Trim(), scalar.Text.Substring(at + relation.Length).Trim());
        if (left.Length == 0 || right.Length == 0 || !left.Contains('.')) return Refuse(scalar, scalar.Text);
        var axis = Find(scalar, left);
        if (int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return axis < 0 ? [] : [new(axis, relation, -1, value)];
        if (!right.Contains('.')) return Refuse(scalar, scalar.Text);
        var other = Find(scalar, right);
        if (axis >= 0 && axis == other) return Refuse(scalar, scalar.Text);
        return axis < 0 || other < 0 ? [] : [new(axis, relation, other)];
    }

    /// <summary>The order of the stages' choices; the stem's is of another make and does not take part.</summary>
    private IEnumerable<Comparison> Order(YamlScalar scalar, string kind, string relation)
    {
        var stages = Enumerable.Range(0, axes.Count).Where(i => axes[i].Kind == kind && axes[i].Segment != "stem").ToList();
        if (stages.Count > 0) return stages.Zip(stages.Skip(1), (a, b) => new Comparison(a, relation, b));
        errors.ReportWord(Descriptors.UnknownAxis, scalar, kind, kind, Suggestion.For(kind, axes.Select(a => a.Kind).Distinct().ToArray()));
        return [];
    }

    private int Find(YamlScalar scalar, string name)
    {
        for (var i = 0; i < axes.Count; i++)
            if (axes[i].Path == name)
                return i;
        errors.ReportWord(Descriptors.UnknownAxis, scalar, name, name, Suggestion.For(name, axes.Select(a => a.Path).ToArray()));
        return -1;
    }

    private IEnumerable<Comparison> Refuse(YamlNode node, string text)
    {
        errors.Report(Descriptors.NotConstraint, node, text, Form);
        return [];
    }
}
