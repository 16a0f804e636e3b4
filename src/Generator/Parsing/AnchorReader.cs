using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>Reads the named architectures: one list for each kind of axis, in the order of the segments.</summary>
internal sealed class AnchorReader(IReadOnlyList<Axis> axes, YamlErrors errors)
{
    private readonly ValueReader values = new(errors);

    public IReadOnlyList<Anchor> Read(YamlMap? all)
    {
        var anchors = new List<Anchor>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in all?.Node.Entries ?? [])
        {
            Identifiers.Anchor(key, errors);
            if (!taken.Add(key.Text)) errors.Report(Descriptors.Duplicate, key, key.Text);
            if (taken.Count > Limits.Names)
                errors.Report(Descriptors.TooLarge, key, "number of anchors", $"{Limits.Names}", $"{all!.Node.Entries.Count}");
            if (taken.Count > Limits.Names) break;
            if (YamlMap.From(value, errors, key.Text) is { } map) anchors.Add(new(key.Text, Choices(key.Text, map).ToEquatableArray()));
        }
        return anchors;
    }

    /// <summary>A value for each axis; also what an <c>*.arch.yaml</c> file spells out.</summary>
    public int[] Choices(string name, YamlMap map)
    {
        var choices = new int[axes.Count];
        foreach (var kind in axes.Select(a => a.Kind).Distinct()) ReadKind(name, kind, map.Required(kind), choices);
        map.Finish();
        return choices;
    }

    private void ReadKind(string name, string kind, YamlNode? node, int[] choices)
    {
        var targets = Enumerable.Range(0, axes.Count).Where(i => axes[i].Kind == kind).ToList();
        // One axis of a kind needs no list: patch: 16.
        var items = node switch { YamlList list => list.Items, YamlScalar when targets.Count == 1 => [node], _ => null };
        if (node is null) return;
        if (items is null)
            errors.Report(Descriptors.WrongType, node, kind, "a list");
        else if (items.Count != targets.Count)
            errors.Report(
                Descriptors.WrongCount, node, kind, Digits.Of(targets.Count), string.Join(", ", targets.Select(i => axes[i].Segment)),
                Digits.Of(items.Count));
        else
            for (var j = 0; j < items.Count; j++)
                if (values.Number(items[j], kind, Limits.Of(kind)) is { } value)
                    choices[targets[j]] = Check(name, axes[targets[j]], items[j], value);
    }

    /// <summary>Any prefix slice of the largest network is legal, on the grid or off it; more than the supernet holds is not.</summary>
    private int Check(string name, Axis axis, YamlNode node, int value)
    {
        if (value > axis.Max)
            errors.Report(
                Descriptors.AnchorOutside, node, name, $"{axis.Segment} {axis.Kind}", Digits.Of(value), Digits.Of(axis.Max));
        else if (!axis.Accepts(value))
            errors.Report(Descriptors.WrongType, node, axis.Kind, "an odd number: kernels are sliced about their centre");
        return value;
    }
}
