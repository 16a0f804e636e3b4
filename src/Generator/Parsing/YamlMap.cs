using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataSsl.Generator.Parsing;

/// <summary>Collects the diagnostics of one file and turns YAML marks into places in its text.</summary>
internal sealed class YamlErrors(string path, string text)
{
    private readonly SourceText source = SourceText.From(text);

    public List<DiagnosticInfo> All { get; } = [];

    public void Report(DiagnosticDescriptor descriptor, YamlNode node, params string[] arguments) =>
        Report(descriptor, node.Start, node is YamlScalarNode ? node.End : node.Start, arguments);

    public void Report(DiagnosticDescriptor descriptor, Mark start, Mark end, params string[] arguments)
    {
        // The parser's marks may point one past the last line of a cut-off file: clamp them into the text.
        var from = (int)Math.Min(Math.Max(start.Index, 0), source.Length);
        var to = (int)Math.Min(Math.Max(end.Index, from), source.Length);
        var span = TextSpan.FromBounds(from, to);
        All.Add(new(descriptor, new(path, span, source.Lines.GetLinePositionSpan(span)), arguments.ToEquatableArray()));
    }
}

/// <summary>Reads one YAML mapping key by key; what nobody asked for is reported as unknown.</summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, YamlNode> keys = new(StringComparer.Ordinal);
    private readonly List<string> known = [];
    private readonly YamlMappingNode node;
    private readonly YamlErrors errors;
    private readonly string what;

    private YamlMap(YamlMappingNode node, YamlErrors errors, string what)
    {
        (this.node, this.errors, this.what) = (node, errors, what);
        foreach (var pair in node.Children)
        {
            if (pair.Key is not YamlScalarNode { Value: { } name })
                errors.Report(Descriptors.WrongType, pair.Key, "key", "a plain word");
            else
                (keys[name], values[name]) = (pair.Key, pair.Value);
        }
    }

    /// <summary>The keys as written, for maps whose keys are names; asking for them makes every key known.</summary>
    public IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Entries
    {
        get
        {
            known.AddRange(values.Keys);
            return keys.OrderBy(k => k.Value.Start.Index).Select(k => (k.Key, k.Value, values[k.Key]));
        }
    }

    public static YamlMap? From(YamlNode? node, YamlErrors errors, string what)
    {
        if (node is YamlMappingNode map) return new(map, errors, what);
        if (node is not null) errors.Report(Descriptors.WrongType, node, what, "a mapping of keys to values");
        return null;
    }

    public YamlNode? Optional(string key)
    {
        known.Add(key);
        return values.TryGetValue(key, out var value) ? value : null;
    }

    public YamlNode? Required(string key)
    {
        var value = Optional(key);
        if (value is null) errors.Report(Descriptors.MissingKey, node, what, key);
        return value;
    }

    public string? Text(YamlNode? value, string key)
    {
        if (value is null) return null;
        if (value is YamlScalarNode { Value: { Length: > 0 } text }) return text;
        errors.Report(Descriptors.WrongType, value, key, "a word");
        return null;
    }

    /// <summary>Reports every key that was never asked for, with the nearest known one.</summary>
    public void Finish()
    {
        foreach (var key in keys.Where(k => !known.Contains(k.Key)))
            errors.Report(Descriptors.UnknownKey, key.Value, key.Key, Suggestion.For(key.Key, known));
    }

    /// <summary>A whole number of at least 1, or null after a report.</summary>
    public static int? Positive(YamlNode? value, string key, YamlErrors errors)
    {
        if (value is null) return null;
        if (value is not YamlScalarNode scalar || !int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            errors.Report(Descriptors.WrongType, value, key, "a whole number");
            return null;
        }
        if (number >= 1) return number;
        errors.Report(Descriptors.NotPositive, value, key, number.ToString(CultureInfo.InvariantCulture));
        return null;
    }
}
