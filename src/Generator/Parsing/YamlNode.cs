using System.Collections.Generic;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// A value of a YAML document with its place in the text. Aliases and tags are not part of the language, so this is a tree.
/// </summary>
internal abstract record YamlNode(TextSpan Span);

internal sealed record YamlScalar(string Text, TextSpan Span) : YamlNode(Span);

internal sealed record YamlList(IReadOnlyList<YamlNode> Items, TextSpan Span) : YamlNode(Span);

/// <summary>A mapping in the order of the file; each key once.</summary>
internal sealed record YamlMapping(IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries, TextSpan Span) : YamlNode(Span);
