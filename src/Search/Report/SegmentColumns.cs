using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Report;

/// <summary>Architectures as columns: for each part of the network the forms it comes in, and which form each architecture has.</summary>
internal static class SegmentColumns
{
    public static IReadOnlyList<PageSegment> Of(SearchSpace space, IReadOnlyList<Architecture> architectures) =>
        [.. space.Segments.Select((segment, i) => Column(segment.Name, [.. architectures.Select(a => Form(a, i))]))];

    /// <summary>The forms of one architecture's parts.</summary>
    public static IReadOnlyList<SegmentForm> Forms(Architecture architecture) =>
        [.. architecture.Space.Segments.Select((_, i) => Form(architecture, i))];

    private static PageSegment Column(string name, IReadOnlyList<SegmentForm> column)
    {
        var forms = column.Distinct().OrderBy(f => f.Width).ThenBy(f => f.Depth).ThenBy(f => f.Text, StringComparer.Ordinal).ToList();
        var codes = forms.Index().ToDictionary(f => f.Item, f => f.Index);
        return new(name, forms, Report.Column.Codes([.. column.Select(f => codes[f])], forms.Count));
    }

    private static SegmentForm Form(Architecture architecture, int segment)
    {
        var info = architecture.Space.Segments[segment];
        var width = info.ChannelAxis >= 0 ? architecture[info.ChannelAxis] : architecture.Channels(segment);
        return new(string.Join('x', info.Axes.Select(axis => architecture[axis])), width, architecture.Depth(segment));
    }
}
