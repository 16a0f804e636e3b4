using DataSsl.Generator;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Bench;

/// <summary>A space of bottleneck ResNets as the peers are told of it.</summary>
internal sealed class PeerText
{
    private readonly SearchSpace space;

    /// <exception cref="UserException">The space is of another family.</exception>
    public PeerText(SearchSpace space, string bench)
    {
        if (space.Family != "resnet-bottleneck")
            throw new UserException(
                $"--space {space.Name}: the peers of {bench} are written for resnet-bottleneck, not for {space.Family}");
        this.space = space;
        var declared = SpaceCompiler.Parse(space.Name, space.Source).Space!;
        Shape = [Of(space.Max), declared.LowResolutionStem ? "low" : "standard", string.Join(',', declared.Strides)];
    }

    /// <summary>The largest architecture, the stem and the strides.</summary>
    public IReadOnlyList<string> Shape { get; }

    /// <summary>stem/widths/depths.</summary>
    public string Of(Architecture a)
    {
        var stages = Enumerable.Range(1, space.Segments.Count - 1).Select(i => space.Segments[i]).ToList();
        return $"{a.Channels(0)}/{string.Join(',', stages.Select(s => a[s.ChannelAxis]))}/{string.Join(',', stages.Select(s => a[s.DepthAxis]))}";
    }
}
