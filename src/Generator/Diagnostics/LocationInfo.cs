using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Diagnostics;

/// <summary>A place in a space file as plain values, so that it can travel through the pipeline and compare by content.</summary>
public sealed record LocationInfo(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
