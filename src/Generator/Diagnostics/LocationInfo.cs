using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Diagnostics;

/// <summary>A place in a file as plain values, so that it can travel through the pipeline and compare by content.</summary>
public sealed record LocationInfo(string Path, TextSpan Span, LinePositionSpan Lines)
{
    /// <summary>Where no file is at fault.</summary>
    public static LocationInfo None { get; } = new("", default, default);

    /// <summary>As Roslyn has it.</summary>
    public Location ToLocation() => Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines);

    /// <summary><c>file(line,column)</c>, positions from 1.</summary>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0}({1},{2})", Path, Lines.Start.Line + 1, Lines.Start.Character + 1);
}
