using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Plan;

/// <summary>
/// Channels of a network that are the same ones wherever they occur: an order of them in one place is that of all. Sums of maps tie what
/// they add, a depthwise convolution what it takes and gives.
/// </summary>
public sealed class ChannelGroup(Quantity size, int unit, bool isStream, bool isImage)
{
    /// <summary>How many channels.</summary>
    public Quantity Size { get; } = size;

    /// <summary>How many lie together as one: those of an attention head, otherwise 1.</summary>
    public int Unit { get; } = unit;

    /// <summary>Whether blocks hand them on to one another; otherwise they are within one block.</summary>
    public bool IsStream { get; } = isStream;

    /// <summary>Whether they are those of the images.</summary>
    public bool IsImage { get; } = isImage;
}

/// <summary>The groups of channels of a plan.</summary>
public sealed class ChannelGroups
{
    private readonly Dictionary<(int Block, string Layer, bool Output), int> values = [];
    private readonly List<int> parents = [];
    private readonly List<Quantity> sizes = [];
    private readonly List<int> units = [];
    private readonly HashSet<int> handed = [];
    private readonly Dictionary<int, ChannelGroup> groups = [];

    /// <summary>Follows the channels through all blocks of the largest network.</summary>
    public ChannelGroups(NetworkPlan plan)
    {
        var schedule = Schedule.OfBlocks(plan, plan.Blocks, plan.Space.Max, plan.Space.InputSize);
        var channels = new Dictionary<Value, int> { [schedule.Image] = New(plan.Segments[0].In) };
        foreach (var (block, number) in schedule.Blocks.Select((block, i) => (block, i)))
        {
            handed.Add(channels[block.First().Input]);
            foreach (var step in block)
            {
                var x = channels[step.Input];
                if (step.Added is { } added) parents[Root(channels[added])] = Root(x);
                channels[step.Output] = step is LayerStep { Layer: { Out.Length: > 0 } layer }
                    ? After(number, block.Key.Block, layer, x)
                    : x;
            }
        }
        handed.Add(channels[schedule.Last]);
        var streams = new HashSet<int>(handed.Select(Root));
        foreach (var members in Enumerable.Range(0, parents.Count).GroupBy(Root))
            groups.Add(
                members.Key,
                new(sizes[members.Key], members.Max(value => units[value]), streams.Contains(members.Key), members.Key == Root(0)));
    }

    private int New(Quantity size)
    {
        parents.Add(parents.Count);
        sizes.Add(size);
        units.Add(1);
        return parents.Count - 1;
    }

    private int Root(int value)
    {
        while (parents[value] != value) value = parents[value];
        return value;
    }

    /// <summary>The channels that a layer gives, of those that it is given. What sums over channels gives new ones.</summary>
    private int After(int number, Block block, Layer layer, int x)
    {
        values[(number, layer.Name, false)] = x;
        if (layer.MixesChannels) x = New(block.Port(layer.Out));
        if (layer.HeadSize > 0) units[x] = layer.HeadSize;
        return values[(number, layer.Name, true)] = x;
    }

    /// <summary>Each group once.</summary>
    public IEnumerable<ChannelGroup> All => groups.Values;

    /// <summary>The channels that a layer of a block takes, or gives; blocks are counted as in <see cref="NetworkPlan.Blocks"/>.</summary>
    public ChannelGroup Of(int block, Layer layer, bool output) => groups[Root(values[(block, layer.Name, output)])];

    /// <summary>Which dimensions of a layer's tensor are channels: those that it gives, or takes.</summary>
    public static IReadOnlyList<(int Dimension, bool Output)> Dimensions(Layer layer, StateTensor tensor) =>
        tensor.Shape.Count == 0 ? []
            : layer.IsParameter ? [(2, true)]
            : layer.MixesChannels && tensor.Role == TensorRole.Weight ? [(0, true), (1, false)]
            : [(0, true)];
}
