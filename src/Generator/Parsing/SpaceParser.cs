using System.Collections.Generic;
using System.Linq;
using System.Text;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Families;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Reads the text of a space file. Reports everything that is wrong with it at once; a space comes out only if nothing is.
/// </summary>
internal sealed class SpaceParser
{
    private const int Colours = 3;

    private readonly YamlErrors errors;
    private readonly ValueReader values;

    private SpaceParser(YamlErrors errors) => (this.errors, values) = (errors, new(errors));

    public static ParsedSpace Parse(string path, string text, string defaultNamespace)
    {
        var errors = new YamlErrors(path, text);
        var root = YamlReader.Read(text, errors);
        var space = root is null ? null : new SpaceParser(errors).ReadSpace(root, defaultNamespace);
        return new(path, errors.Any ? null : space, errors.InOrder);
    }

    private Space? ReadSpace(YamlNode root, string defaultNamespace)
    {
        if (YamlMap.From(root, errors, "a space file") is not { } map) return null;
        var name = Identifiers.Class(YamlMap.Word(map.Required("space"), "space", errors), errors);
        var ns = Identifiers.Namespace(YamlMap.Word(map.Optional("namespace"), "namespace", errors), errors) ?? defaultNamespace;
        var summary = OneLine(YamlMap.Word(map.Optional("summary"), "summary", errors)?.Text ?? "");
        var family = ReadFamily(map);
        var (channels, sizes, size) = ReadInput(map);
        var axes = new List<Axis>();
        var (lowResolution, patch) = ReadStem(map, family, axes);
        var strides = ReadStages(map, family, axes);
        // What refers to axes cannot be judged while the axes themselves are in doubt.
        var shapeKnown = family is not null && strides.Count > 0 && !errors.Any;
        var (constraintsNode, budgets) = (map.Optional("constraints"), new BudgetReader(errors).Read(map.OptionalMap("budgets")));
        var anchorsMap = map.OptionalMap("anchors");
        var constraints = shapeKnown ? new ConstraintReader(axes, errors).Read(constraintsNode) : [];
        var anchors = shapeKnown ? new AnchorReader(axes, errors).Read(anchorsMap) : [];
        map.Finish();
        if (patch > 0 && sizes.Any(s => s != sizes[0] || s % patch != 0))
            errors.Report(
                Descriptors.WrongType, size ?? map.Node, "size",
                $"one multiple of the patch size {patch}: the positions of the patches belong to one size");
        if (errors.Any) return null;
        var space = new Space(
            name!, ns, family!.Name, summary, channels, sizes.ToEquatableArray(), lowResolution, patch, strides.ToEquatableArray(),
            axes.ToEquatableArray(),
            anchors.ToEquatableArray(), constraints.Select(c => c.Comparison).ToEquatableArray(),
                budgets.Select(b => b.Budget).ToEquatableArray());
        new SpaceChecks(space, errors).Run(map, size, constraints, budgets);
        return space;
    }

    private Family? ReadFamily(YamlMap map)
    {
        if (YamlMap.Word(map.Required("family"), "family", errors) is not { } word) return null;
        var family = Family.All.FirstOrDefault(f => f.Name == word.Text);
        if (family is null)
            errors.Report(Descriptors.UnknownFamily, word, word.Text, Suggestion.For(word.Text, Family.All.Select(f => f.Name).ToArray()));
        return family;
    }

    private (int Channels, IReadOnlyList<int> Sizes, YamlNode? Size) ReadInput(YamlMap map)
    {
        if (map.OptionalMap("input") is not { } input) return (Colours, [224], null);
        var channels = values.Number(input.Optional("channels"), "channels", Limits.Channels) ?? Colours;
        var size = input.Optional("size");
        var sizes = size is null ? [224] : values.Values(size, "size");
        input.Finish();
        return (channels, sizes, size);
    }

    private (bool LowResolution, int Patch) ReadStem(YamlMap map, Family? family, List<Axis> axes)
    {
        if (YamlMap.From(map.Required("stem"), errors, "stem") is not { } stem) return default;
        var resolution = YamlMap.Word(stem.Optional("resolution"), "resolution", errors);
        if (resolution is { Text: not ("low" or "standard") })
            errors.Report(Descriptors.WrongType, resolution, "resolution", "low or standard");
        var patch = family?.HasPatches != true
            ? 0
            : stem.Optional("patch") is { } node
            ? values.Number(node, "patch", Limits.Size) ?? 0
            : 16;
        ReadAxes(stem, "stem", family?.StemAxes, axes);
        return (resolution?.Text == "low", patch);
    }

    private List<int> ReadStages(YamlMap map, Family? family, List<Axis> axes)
    {
        var strides = new List<int>();
        var node = map.Required("stages");
        if (node is YamlList { Items.Count: > 0 and <= Limits.Stages } stages)
        {
            for (var i = 0; i < stages.Items.Count; i++)
            {
                if (YamlMap.From(stages.Items[i], errors, $"stage {i + 1}") is not { } stage) continue;
                strides.Add(
                    family?.HasPatches == true ? 1 : values.Number(stage.Optional("stride"), "stride", most: 8) ?? (i == 0 ? 1 : 2));
                ReadAxes(stage, $"stage{i + 1}", family?.StageAxes(i), axes);
            }
        }
        else if (node is not null)
        {
            errors.Report(Descriptors.WrongType, node, "stages", $"a list of 1 to {Limits.Stages} stages");
        }
        return strides;
    }

    /// <summary>Without a family nobody knows which keys a segment has: then none is missing and none unknown.</summary>
    private void ReadAxes(YamlMap owner, string segment, IReadOnlyList<string>? kinds, List<Axis> axes)
    {
        if (kinds is null) return;
        foreach (var kind in kinds)
        {
            var node = owner.Required(kind);
            var axis = new Axis(segment, kind, values.Values(node, kind).ToEquatableArray());
            if (kind == Axis.Kernel && !axis.Values.All(axis.Accepts))
                errors.Report(Descriptors.WrongType, node!, kind, "odd numbers: kernels are sliced about their centre");
            axes.Add(axis);
        }
        owner.Finish();
    }

    /// <summary>The summary goes into a comment of one line: line ends of any script and control characters become blanks.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var c in text)
            line.Append(
                char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF' or '\uFEFF' ? ' ' : c);
        return string.Join(" ", line.ToString().Split([' '], System.StringSplitOptions.RemoveEmptyEntries));
    }
}
