using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Families;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis.CSharp;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataSsl.Generator.Parsing;

/// <summary>Reads the text of a space file. Reports everything that is wrong with it at once; a space comes out only if nothing is.</summary>
internal sealed class SpaceParser
{
    private readonly YamlErrors errors;

    private SpaceParser(YamlErrors errors) => this.errors = errors;

    public static (Space? Space, EquatableArray<DiagnosticInfo> Diagnostics) Parse(string path, string text)
    {
        var errors = new YamlErrors(path, text);
        Space? space = null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1)
                space = new SpaceParser(errors).ReadSpace(stream.Documents[0].RootNode);
            else
                errors.Report(Descriptors.Syntax, Mark.Empty, Mark.Empty, $"a space file holds one document, this one holds {stream.Documents.Count}");
        }
        catch (YamlException e)
        {
            errors.Report(Descriptors.Syntax, e.Start, e.End, (e.InnerException ?? e).Message);
        }
        return (errors.All.Count == 0 ? space : null, errors.All.ToEquatableArray());
    }

    private Space? ReadSpace(YamlNode root)
    {
        if (YamlMap.From(root, errors, "a space file") is not { } map) return null;
        var name = Identifier(map.Required("space"), "space", "class name", map);
        var ns = Identifier(map.Optional("namespace"), "namespace", "namespace", map) ?? "DataSsl.Spaces";
        var summary = map.Text(map.Optional("summary"), "summary") ?? "";
        var family = ReadFamily(map);
        var (channels, size) = ReadInput(map);
        var axes = new List<Axis>();
        var stemKnown = ReadStem(map, family, axes, out var lowResolution, out var patch);
        var strides = ReadStages(map, family, axes);
        var shapeKnown = stemKnown && strides is not null && axes.All(a => a.Values.Count > 0);
        var anchors = ReadAnchors(map, axes, shapeKnown);
        map.Finish();
        if (patch > 0 && size % patch != 0) errors.Report(Descriptors.WrongType, map.Optional("input") ?? root, "size", $"a multiple of the patch size {patch}");
        if (name is null || family is null || !shapeKnown) return null;
        var space = new Space(
            name, ns, family.Name, summary, channels, size, lowResolution, patch, strides!.ToEquatableArray(), axes.ToEquatableArray(), anchors.ToEquatableArray());
        if (axes.Sum(a => Math.Log(a.Values.Count, 2)) > 62) errors.Report(Descriptors.Overflow, root);
        return space;
    }

    private Family? ReadFamily(YamlMap map)
    {
        var node = map.Required("family");
        if (map.Text(node, "family") is not { } name) return null;
        var family = Family.All.FirstOrDefault(f => f.Name == name);
        if (family is null) errors.Report(Descriptors.UnknownFamily, node!, name, Suggestion.For(name, Family.All.Select(f => f.Name).ToArray()));
        return family;
    }

    private (int Channels, int Size) ReadInput(YamlMap map)
    {
        if (YamlMap.From(map.Optional("input"), errors, "input") is not { } input) return (3, 224);
        var channels = YamlMap.Positive(input.Optional("channels"), "channels", errors);
        var size = YamlMap.Positive(input.Optional("size"), "size", errors);
        input.Finish();
        return (channels ?? 3, size ?? 224);
    }

    private bool ReadStem(YamlMap map, Family? family, List<Axis> axes, out bool lowResolution, out int patch)
    {
        (lowResolution, patch) = (false, 0);
        if (YamlMap.From(map.Required("stem"), errors, "stem") is not { } stem) return false;
        var node = stem.Optional("resolution");
        if (stem.Text(node, "resolution") is { } resolution)
        {
            lowResolution = resolution == "low";
            if (resolution is not ("low" or "standard")) errors.Report(Descriptors.WrongType, node!, "resolution", "low or standard");
        }
        if (family?.HasPatches == true) patch = YamlMap.Positive(stem.Optional("patch"), "patch", errors) ?? 16;
        foreach (var kind in family?.StemAxes ?? ["width"]) axes.Add(ReadAxis(stem, "stem", kind));
        stem.Finish();
        return true;
    }

    private List<int>? ReadStages(YamlMap map, Family? family, List<Axis> axes)
    {
        var node = map.Required("stages");
        if (node is not YamlSequenceNode { Children.Count: > 0 } stages)
        {
            if (node is not null) errors.Report(Descriptors.WrongType, node, "stages", "a list with one entry a stage");
            return null;
        }
        var strides = new List<int>();
        for (var i = 0; i < stages.Children.Count; i++)
        {
            if (YamlMap.From(stages.Children[i], errors, $"stage {i + 1}") is not { } stage) return null;
            strides.Add(family?.HasPatches == true ? 1 : YamlMap.Positive(stage.Optional("stride"), "stride", errors) ?? (i == 0 ? 1 : 2));
            foreach (var kind in family?.StageAxes(i) ?? ["width", "depth"]) axes.Add(ReadAxis(stage, $"stage{i + 1}", kind));
            stage.Finish();
        }
        return strides;
    }

    /// <summary>A range <c>{from, to, step}</c>, a list or one fixed value. An axis without values stands for one that was reported.</summary>
    private Axis ReadAxis(YamlMap owner, string segment, string kind)
    {
        var node = owner.Required(kind);
        var axis = new Axis(segment, kind, ReadValues(node, kind).ToEquatableArray());
        if (axis.Values.All(axis.Accepts)) return axis;
        errors.Report(Descriptors.WrongType, node!, kind, "odd numbers: kernels are sliced about their centre");
        return axis with { Values = default };
    }

    private List<int> ReadValues(YamlNode? node, string key) => node switch
    {
        null => [],
        YamlMappingNode => ReadRange(YamlMap.From(node, errors, key)!, node, key),
        YamlSequenceNode list => ReadList(list, key),
        _ => YamlMap.Positive(node, key, errors) is { } value ? [value] : [],
    };

    private List<int> ReadRange(YamlMap map, YamlNode node, string key)
    {
        var from = YamlMap.Positive(map.Required("from"), "from", errors);
        var to = YamlMap.Positive(map.Required("to"), "to", errors);
        var stepNode = map.Optional("step");
        var step = stepNode is null ? 1 : YamlMap.Positive(stepNode, "step", errors);
        map.Finish();
        if (from is null || to is null || step is null) return [];
        if (from > to)
        {
            errors.Report(Descriptors.EmptyRange, node, key, $"{from}", $"{to}");
            return [];
        }
        const int most = 100_000;
        if ((to - from) / step >= most)
        {
            errors.Report(Descriptors.WrongType, node, key, $"a range of at most {most} values");
            return [];
        }
        var values = new List<int>();
        for (long value = from.Value; value <= to; value += step.Value) values.Add((int)value);
        if (values[values.Count - 1] == to) return values;
        var shown = string.Join(", ", values.Take(8)) + (values.Count > 8 ? ", … " + values[values.Count - 1] : "");
        errors.Report(Descriptors.StepMissesEnd, node, key, $"{to}", shown);
        return [];
    }

    private List<int> ReadList(YamlSequenceNode list, string key)
    {
        var values = list.Children.Select(child => YamlMap.Positive(child, key, errors)).ToList();
        if (values.Count == 0) errors.Report(Descriptors.WrongType, list, key, "a list with at least one value");
        for (var i = 1; i < values.Count; i++)
            if (values[i] <= values[i - 1])
                errors.Report(Descriptors.NotAscending, list.Children[i], key, $"{values[i]}", $"{values[i - 1]}");
        return values.Any(v => v is null) ? [] : values.Select(v => v!.Value).ToList();
    }

    private List<Anchor> ReadAnchors(YamlMap map, List<Axis> axes, bool shapeKnown)
    {
        var anchors = new List<Anchor>();
        if (YamlMap.From(map.Optional("anchors"), errors, "anchors") is not { } all) return anchors;
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Max", "Min" };
        foreach (var (name, key, value) in all.Entries)
        {
            if (!SyntaxFacts.IsValidIdentifier(name)) errors.Report(Descriptors.NotIdentifier, key, name, "identifier");
            if (!taken.Add(name)) errors.Report(Descriptors.Duplicate, key, name);
            if (YamlMap.From(value, errors, name) is not { } anchor || !shapeKnown) continue;
            var choices = new int[axes.Count];
            foreach (var kind in axes.Select(a => a.Kind).Distinct()) ReadAnchorValues(name, kind, anchor, axes, choices);
            anchor.Finish();
            anchors.Add(new(name, choices.ToEquatableArray()));
        }
        return anchors;
    }

    private void ReadAnchorValues(string name, string kind, YamlMap anchor, List<Axis> axes, int[] choices)
    {
        var node = anchor.Required(kind);
        if (node is null) return;
        var targets = axes.Select((axis, i) => (axis, i)).Where(t => t.axis.Kind == kind).ToList();
        if (node is not YamlSequenceNode list)
        {
            errors.Report(Descriptors.WrongType, node, kind, "a list");
            return;
        }
        if (list.Children.Count != targets.Count)
        {
            errors.Report(Descriptors.WrongCount, node, kind, $"{targets.Count}", string.Join(", ", targets.Select(t => t.axis.Segment)), $"{list.Children.Count}");
            return;
        }
        for (var j = 0; j < targets.Count; j++)
        {
            var (axis, i) = targets[j];
            if (YamlMap.Positive(list.Children[j], kind, errors) is not { } value) continue;
            if (!axis.Accepts(value)) errors.Report(Descriptors.AnchorOutside, list.Children[j], name, $"{axis.Segment} {kind}", $"{value}", $"{axis.Max}");
            choices[i] = value;
        }
    }

    private string? Identifier(YamlNode? node, string key, string what, YamlMap map)
    {
        if (map.Text(node, key) is not { } text) return null;
        var parts = what == "namespace" ? text.Split('.') : [text];
        if (parts.All(p => SyntaxFacts.IsValidIdentifier(p) && SyntaxFacts.GetKeywordKind(p) == SyntaxKind.None)) return text;
        errors.Report(Descriptors.NotIdentifier, node!, text, what);
        return null;
    }
}
