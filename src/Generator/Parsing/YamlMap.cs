using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;

namespace DataSsl.Generator.Parsing;

/// <summary>Reads one YAML mapping key by key; what nobody asked for is reported as unknown.</summary>
internal sealed class YamlMap
{
    private readonly List<string> known = [];
    private readonly YamlErrors errors;
    private readonly string what;

    private YamlMap(YamlMapping node, YamlErrors errors, string what) => (Node, this.errors, this.what) = (node, errors, what);

    public YamlMapping Node { get; }

    public static YamlMap? From(YamlNode? node, YamlErrors errors, string what)
    {
        if (node is YamlMapping map) return new(map, errors, what);
        if (node is not null) errors.Report(Descriptors.WrongType, node, what, "a mapping of keys to values");
        return null;
    }

    public YamlNode? Optional(string key)
    {
        known.Add(key);
        return Node.Entries.FirstOrDefault(e => e.Key.Text == key).Value;
    }

    public YamlNode? Required(string key)
    {
        var value = Optional(key);
        if (value is null) errors.Report(Descriptors.MissingKey, Node, what, key);
        return value;
    }

    public YamlMap? OptionalMap(string key) => From(Optional(key), errors, key);

    /// <summary>A scalar that is not empty, or null after a report.</summary>
    public static YamlScalar? Word(YamlNode? value, string key, YamlErrors errors)
    {
        if (value is null or YamlScalar { Text.Length: > 0 }) return value as YamlScalar;
        errors.Report(Descriptors.WrongType, value, key, "a word");
        return null;
    }

    /// <summary>Reports every key that was never asked for, with the nearest known one.</summary>
    public void Finish()
    {
        foreach (var (key, _) in Node.Entries.Where(e => !known.Contains(e.Key.Text)))
            errors.Report(Descriptors.UnknownKey, key, key.Text, Suggestion.For(key.Text, known));
    }
}
