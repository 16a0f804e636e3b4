using System;
using System.Collections.Generic;
using System.IO;
using DataSsl.Generator.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Reads YAML text into a tree over the parser's events. Its bounds (size, depth, no aliases) keep any text, however hostile, from costing
/// more than a valid one: this runs inside the compiler, where neither a hang nor a stack overflow can be caught.
/// </summary>
internal sealed class YamlReader
{
    private const int MostCharacters = 1 << 18;
    private const int MostDepth = 16;

    private readonly string text;
    private readonly YamlErrors errors;
    private readonly Parser parser;

    private YamlReader(string text, YamlErrors errors)
    {
        (this.text, this.errors) = (text, errors);
        parser = new(new StringReader(text));
    }

    /// <summary>The document's root; null after a report where the text is not one YAML document.</summary>
    public static YamlNode? Read(string text, YamlErrors errors)
    {
        if (text.Length > MostCharacters)
        {
            errors.Report(
                Descriptors.Syntax, default(TextSpan), $"a space file has at most {MostCharacters} characters, this one has {text.Length}");
            return null;
        }
        var reader = new YamlReader(text, errors);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            errors.Report(Descriptors.Syntax, reader.Span(e.Start, e.End), (e.InnerException ?? e).Message);
            return null;
        }
    }

    private YamlNode ReadDocument()
    {
        Next();
        if (Next() is StreamEnd end) throw At(end, "the file is empty");
        Next();
        var root = ReadNode(depth: 0);
        // Now at the document's end.
        if (Next() is not StreamEnd) throw At(Current, "a second document starts here; a file holds one");
        return root;
    }

    private ParsingEvent Current => parser.Current!;

    private ParsingEvent Next()
    {
        try
        {
            return parser.MoveNext() ? Current : throw new YamlException("the file ends too early");
        }
        catch (Exception e) when (
            e is ArgumentException or InvalidOperationException or OverflowException or FormatException or IndexOutOfRangeException)
        {
            // The scanner lets these escape for text that it did not foresee, such as an escaped code point beyond Unicode.
            var mark = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(mark, mark, $"not valid YAML after here ({e.Message})");
        }
    }

    /// <summary>Reads the node that starts at the current event, and moves past it.</summary>
    private YamlNode ReadNode(int depth)
    {
        var start = Current;
        if (depth > MostDepth) throw At(start, $"nested deeper than {MostDepth} levels");
        if (start is AnchorAlias) throw At(start, "aliases are not part of the language; write the value out");
        if (start is NodeEvent { Anchor.IsEmpty: false })
            throw At(start, "YAML anchors are not part of the language; write the value out where it is needed");
        if (start is NodeEvent { Tag.IsEmpty: false }) throw At(start, "YAML tags are not part of the language");
        Next();
        return start switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, Span(scalar.Start, scalar.End)),
            SequenceStart => ReadList(start, depth),
            MappingStart => ReadMapping(start, depth),
            _ => throw At(start, "a value is missing"),
        };
    }

    private YamlList ReadList(ParsingEvent start, int depth)
    {
        var items = new List<YamlNode>();
        while (Current is not SequenceEnd) items.Add(ReadNode(depth + 1));
        return new(items, EndAt(start));
    }

    private YamlMapping ReadMapping(ParsingEvent start, int depth)
    {
        var (entries, seen) = (new List<(YamlScalar, YamlNode)>(), new HashSet<string>(StringComparer.Ordinal));
        while (Current is not MappingEnd)
        {
            var (key, value) = (ReadNode(depth + 1), ReadNode(depth + 1));
            if (key is not YamlScalar name) errors.Report(Descriptors.WrongType, key, "key", "a plain word");
            else if (!seen.Add(name.Text)) errors.Report(Descriptors.Duplicate, name, name.Text);
            else entries.Add((name, value));
        }
        return new(entries, EndAt(start));
    }

    private TextSpan EndAt(ParsingEvent start)
    {
        // The parser's end of a flow collection lies before its closing bracket.
        var (span, end) = (Span(start.Start, Current.End), (int)Current.End.Index);
        if (end < text.Length && text[end] is '}' or ']' && text[span.Start] is '{' or '[') span = TextSpan.FromBounds(span.Start, end + 1);
        Next();
        return span;
    }

    private YamlException At(ParsingEvent place, string message) => new(place.Start, place.End, message);

    /// <summary>The parser's marks may point past the end of a cut-off file: they are clamped into the text.</summary>
    private TextSpan Span(Mark start, Mark end)
    {
        var from = (int)Math.Min(Math.Max(start.Index, 0), text.Length);
        var to = (int)Math.Min(Math.Max(end.Index, from), text.Length);
        while (to > from && char.IsWhiteSpace(text[to - 1])) to--;
        return TextSpan.FromBounds(from, to);
    }
}
