using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Families;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Reads an <c>*.arch.yaml</c> file: one architecture of one of the project's spaces that the build turns into a class of its own.
/// </summary>
internal sealed class ArchitectureParser(IReadOnlyList<Space> spaces, YamlErrors errors)
{
    public static ParsedArchitecture Parse(string path, string text, IReadOnlyList<Space> spaces, string defaultNamespace)
    {
        var errors = new YamlErrors(path, text);
        var root = YamlReader.Read(text, errors);
        var @class = root is null ? null : new ArchitectureParser(spaces, errors).Read(root, defaultNamespace);
        return new(path, errors.Any ? null : @class, errors.InOrder);
    }

    private FixedClass? Read(YamlNode root, string defaultNamespace)
    {
        if (YamlMap.From(root, errors, "an architecture file") is not { } map) return null;
        var spaceName = YamlMap.Word(map.Required("space"), "space", errors);
        var architecture = map.Required("architecture");
        var name = Identifiers.Class(YamlMap.Word(map.Optional("class"), "class", errors), errors);
        var ns = Identifiers.Namespace(YamlMap.Word(map.Optional("namespace"), "namespace", errors), errors) ?? defaultNamespace;
        var sizeNode = map.Optional("size");
        var size = new ValueReader(errors).Number(sizeNode, "size", Limits.Size);
        var head = map.Optional("head") is { } headNode ? new ValueReader(errors).Number(headNode, "head", Limits.Width) ?? 0 : 0;
        map.Finish();
        if (spaceName is null || architecture is null || FindSpace(spaceName) is not { } space
            || Choices(space, architecture) is not { } choices || errors.Any)
            return null;
        var plan = Family.PlanOf(space);
        if (size < plan.Reduction) errors.Report(Descriptors.InputTooSmall, sizeNode!, $"{size}", space.Name, $"{plan.Reduction}");
        var lines = new[] { $"{space.Text().Format(choices)} of {space.Name}", $"space {plan.Hash()}" };
        var spec = new FixedClassSpec(
            name ?? DefaultName(space, architecture), ns, choices.ToEquatableArray(), size ?? space.InputSize, lines.ToEquatableArray(),
            head);
        return new(space, spec);
    }

    private Space? FindSpace(YamlScalar name)
    {
        var space = spaces.FirstOrDefault(s => s.Name.Equals(name.Text, StringComparison.OrdinalIgnoreCase));
        if (space is null)
            errors.Report(Descriptors.UnknownSpace, name, name.Text, Suggestion.For(name.Text, spaces.Select(s => s.Name).ToArray()));
        return space;
    }

    private IReadOnlyList<int>? Choices(Space space, YamlNode node)
    {
        if (node is YamlMapping)
            return new AnchorReader(space.Axes, errors).Choices("architecture", YamlMap.From(node, errors, "architecture")!);
        if (YamlMap.Word(node, "architecture", errors) is not { } word) return null;
        try
        {
            return space.Text().Parse(word.Text);
        }
        catch (FormatException e)
        {
            errors.Report(Descriptors.NotArchitecture, word, word.Text, space.Name, e.Message);
            return null;
        }
    }

    /// <summary>Space and anchor, as <c>datassl emit --arch</c> names it.</summary>
    private static string DefaultName(Space space, YamlNode architecture)
    {
        var text = (architecture as YamlScalar)?.Text.TrimStart('#') ?? "";
        return $"{space.Name}_{(text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || c == '_') ? text : "Custom")}";
    }
}
