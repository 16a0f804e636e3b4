using System.Xml.Linq;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>Draws an architecture as bars: one a block, as high as its channels, all diagrams of a page to one scale.</summary>
internal sealed class ArchitectureDiagram
{
    private const double Height = 40, Bar = 5, Gap = 1.5, Break = 5;
    private const int MostBars = 200;
    private readonly double tallest;
    private readonly double length;

    /// <param name="architectures">Every architecture that will be drawn; they set the scale.</param>
    public ArchitectureDiagram(IEnumerable<string> architectures)
    {
        var all = architectures.Select(ArchitectureText.Parse).OfType<IReadOnlyList<Segment>>().ToList();
        tallest = all.SelectMany(a => a).Select(s => s.Width).DefaultIfEmpty(1).Max();
        length = all.Select(Length).DefaultIfEmpty(1).Max();
    }

    /// <summary>The diagram; null where the text does not tell widths and depths.</summary>
    public XElement? Draw(string architecture)
    {
        if (ArchitectureText.Parse(architecture) is not { } segments || segments.Sum(s => (long)s.Depth) > MostBars) return null;
        var bars = new List<XElement>();
        var x = 0.0;
        foreach (var (place, segment) in segments.Index())
        {
            var height = Math.Max(1.5, Height * segment.Width / tallest);
            var group = E("g", Class($"s{place % 6}"), E("title", Describe(segment)));
            for (var block = 0; block < segment.Depth; block++, x += Bar + Gap)
                group.Add(E("rect", A("x", x), A("y", Height - height), A("width", Bar), A("height", height)));
            x += Break - Gap;
            bars.Add(group);
        }
        return E("svg", Class("arch"), A("viewBox", $"0 0 {Coordinate(length)} {Coordinate(Height)}"), A("width", length), A("height", Height),
            A("role", "img"), A("aria-label", string.Join(", ", segments.Select(Describe))), bars);
    }

    private static double Length(IReadOnlyList<Segment> segments) =>
        Math.Min(segments.Sum(s => (long)s.Depth), MostBars) * (Bar + Gap) + (segments.Count - 1) * (Break - Gap) - Gap;

    private static string Describe(Segment segment) =>
        $"{segment.Name}: {Numbers.Of(segment.Width, "channel")}, {Numbers.Of(segment.Depth, "block")}";
}
