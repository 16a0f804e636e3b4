using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace DataSsl.Generator.Emit;

/// <summary>Writes indented C# with '\n' line ends on every system.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder text = new();
    private int indent;

    /// <summary>Writes one or more lines at the present indentation; an empty line stays empty.</summary>
    public SourceWriter Line(string lines = "")
    {
        for (int start = 0, end; start <= lines.Length; start = end + 1)
        {
            end = lines.IndexOf('\n', start);
            if (end < 0) end = lines.Length;
            var length = end - start - (end > start && lines[end - 1] == '\r' ? 1 : 0);
            if (end > start) text.Append(' ', indent * 4).Append(lines, start, length);
            text.Append('\n');
        }
        return this;
    }

    /// <summary>Writes a head, an opening brace, the body one level deeper and a closing brace.</summary>
    public SourceWriter Block(string head, Action body, string end = "}") => Line(head).Braces(body, end);

    public SourceWriter Braces(Action body, string end = "}") => Nested("{", body).Line(end);

    /// <summary>Writes a head and a bracketed list of which <paramref name="body"/> writes the elements.</summary>
    public SourceWriter List(string head, Action body) => Line(head).Nested("[", body).Line("];");

    /// <summary>Writes a head and the body one level deeper, without braces.</summary>
    public SourceWriter Nested(string head, Action body)
    {
        Line(head);
        indent++;
        body();
        indent--;
        return this;
    }

    /// <summary>Writes using directives, each once and in order.</summary>
    public SourceWriter Usings(IEnumerable<string> namespaces)
    {
        foreach (var name in namespaces.Distinct().OrderBy(n => n, StringComparer.Ordinal)) Line($"using {name};");
        return this;
    }

    public SourceWriter Summary(string text) => Line($"/// <summary>{text}</summary>");

    public override string ToString() => text.ToString();
}
