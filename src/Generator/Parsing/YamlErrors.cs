using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Parsing;

/// <summary>Collects the diagnostics of one file and finds their places in its text.</summary>
internal sealed class YamlErrors(string path, string text)
{
    /// <summary>A file that is something else altogether would drown the list of errors.</summary>
    private const int Most = 50;

    /// <summary>Longest piece of a user's text that a message repeats.</summary>
    private const int MostQuoted = 200;

    private readonly SourceText source = SourceText.From(text);
    private readonly List<DiagnosticInfo> all = [];

    public bool Any => all.Count > 0;

    /// <summary>In order of their place in the file.</summary>
    public EquatableArray<DiagnosticInfo> InOrder => all.OrderBy(d => d.Location.Span.Start).ToEquatableArray();

    /// <summary>Reports at a node: a scalar or flow collection as it is written, of a block only its first line.</summary>
    public void Report(DiagnosticDescriptor descriptor, YamlNode node, params string[] arguments) =>
        Report(descriptor, node.Span, arguments);

    /// <summary>Reports at a word of a scalar, or at the whole scalar where quotes or escapes hide the word's place.</summary>
    public void ReportWord(DiagnosticDescriptor descriptor, YamlScalar scalar, string word, params string[] arguments)
    {
        var at = source.ToString(scalar.Span) == scalar.Text ? scalar.Text.IndexOf(word, System.StringComparison.Ordinal) : -1;
        Report(descriptor, at < 0 ? scalar.Span : new(scalar.Span.Start + at, word.Length), arguments);
    }

    public void Report(DiagnosticDescriptor descriptor, TextSpan span, params string[] arguments)
    {
        if (all.Count >= Most) return;
        var line = source.Lines.GetLineFromPosition(span.Start);
        span = TextSpan.FromBounds(span.Start, System.Math.Max(span.Start, System.Math.Min(span.End, line.End)));
        var shown = arguments.Select(a => a.Length <= MostQuoted ? a : a.Substring(0, MostQuoted) + "…");
        all.Add(new(descriptor, new(path, span, source.Lines.GetLinePositionSpan(span)), shown.ToEquatableArray()));
    }
}
