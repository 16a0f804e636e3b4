using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>
/// A subnet of a supernet as a backbone. Its weights are the supernet's, and train there; BatchNorm uses <see cref="Supernet.Statistics"/>.
/// </summary>
public sealed class SubnetBackbone : Backbone
{
    private static readonly string[] s_taps = ["C2", "C3", "C4", "C5"];

    private readonly Supernet net;
    private readonly Architecture architecture;
    private readonly int[] segments;
    private readonly MapScales? scales;

    /// <exception cref="UserException">The space has no such maps.</exception>
    /// <param name="seed">Of the weights that bring a transformer's one map to four scales.</param>
    public SubnetBackbone(Supernet net, Architecture architecture, long seed = 0)
        : this(net, architecture, SegmentsOf(net.SearchSpace), seed)
    {
    }

    private SubnetBackbone(Supernet net, Architecture architecture, int[] segments, long seed)
        : base(nameof(SubnetBackbone), ChannelsOf(architecture, segments))
    {
        (this.net, this.architecture, this.segments) = (net, architecture, segments);
        if (net.SearchSpace.Patch == 0) return;
        scales = new(architecture.Channels(segments[0]), seed);
        register_module("scales", scales);
        Keep();
    }

    /// <inheritdoc/>
    public override Tensor[] Maps(Tensor images)
    {
        using var scope = NewDisposeScope();
        var outputs = net.Features(images, architecture);
        var maps = scales is null ? Array.ConvertAll(segments, i => outputs[i]) : scales.Maps(Tokens.Map(outputs[segments[0]]));
        foreach (var map in maps) map.MoveToOuterDisposeScope();
        return maps;
    }

    /// <inheritdoc/>
    public override Tensor C5(Tensor c4)
    {
        if (scales is not null) return base.C5(c4);
        using var scope = NewDisposeScope();
        var x = c4;
        for (var i = segments[2] + 1; i <= segments[3]; i++) x = net.Segment(i, x, architecture);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Refuses a space whose networks have no four maps, before any work.</summary>
    /// <exception cref="UserException">It is one.</exception>
    public static void MustHaveMaps(SearchSpace space) => SegmentsOf(space);

    /// <summary>The segments whose outputs are the maps; a transformer's last alone.</summary>
    private static int[] SegmentsOf(SearchSpace space)
    {
        if (space.Patch > 0) return [space.Segments.Count - 1];
        var missing = s_taps.Where(tap => space.Segments.All(segment => segment.Tap != tap)).ToList();
        if (missing.Count > 0)
            throw new UserException(
                $"dense tasks need maps C2 to C5, and {space.Name} has no {string.Join(", ", missing)}; take a space with four stages");
        return Array.ConvertAll(s_taps, tap => space.Segments.ToList().FindIndex(segment => segment.Tap == tap));
    }

    private static IReadOnlyList<long> ChannelsOf(Architecture architecture, int[] segments) => segments.Length > 1
        ? Array.ConvertAll(segments, i => (long)architecture.Channels(i))
        : MapScales.ChannelsOf(architecture.Channels(segments[0]));
}
