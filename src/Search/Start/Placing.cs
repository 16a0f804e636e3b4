using DataSsl.Generator.Plan;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Start;

/// <summary>
/// Puts a given network into a supernet as its leading slice, and makes what lies beyond silent: the largest network then computes what the
/// given one does, and all of its weights can learn (Chen et al. 2016, Net2Net).
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>New channels within a block compute something, and who reads them has zeros for them.</item>
/// <item>New channels between blocks are zero, as the norms that end blocks have scale 0 for them; their readers have what training starts
/// with. A ReLU behind the norm lets no gradient pass at zero, so it is given <see cref="Least"/> in that case.</item>
/// <item>New blocks add nothing: their last norm has scale 0, or their last matrix is zero.</item>
/// <item>The ring of a larger depthwise kernel is zero.</item>
/// </list>
/// A LayerNorm's mean and variance are over all channels: where a transformer becomes wider, what it computes changes by that, and nothing
/// can be put into weights that all widths share to undo it.
/// </remarks>
internal sealed class Placing(GivenNetwork given, ChannelGroups groups, IReadOnlyDictionary<ChannelGroup, long[]>? orders)
{
    /// <summary>As near to zero as makes no difference in 32 bits, and above it.</summary>
    private const float Least = 1e-12f;

    /// <summary>The blocks of a given network, each with its number among all of the plan.</summary>
    public static IEnumerable<(PlacedBlock Placed, int Block)> Numbered(GivenNetwork given)
    {
        var numbers = given.Plan.Blocks.Select((placed, i) => (placed.Segment.Name, placed.Index, i))
            .ToDictionary(b => (b.Name, b.Index), b => b.i);
        return given.Blocks.Select(placed => (placed, numbers[(placed.Segment.Name, placed.Index)]));
    }

    /// <summary>Fills the weights of a whole supernet, which hold what training starts with.</summary>
    public void Into(ParameterStore store)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        store.MustNotBeFrozen();
        var slots = store.Slots.ToDictionary(slot => slot.Key);
        var present = Numbered(given).ToDictionary(b => b.Block, b => b.Placed.Key);
        foreach (var (placed, block) in given.Plan.Blocks.Select((placed, i) => (placed, i)))
        {
            var ends = Ends(placed.Block).ToList();
            foreach (var layer in placed.Block.Layers)
            {
                foreach (var tensor in StateTensor.Of(placed.Block, layer).Where(t => t.Role != TensorRole.Statistic))
                {
                    using var one = NewDisposeScope();
                    var full = slots[tensor.KeyIn(NetworkPlan.KeyOf(placed.SupernetKey, layer))].Full();
                    if (!present.TryGetValue(block, out var key))
                    {
                        // A block that the given network has not: what it adds is zero.
                        if (ends.Any(end => end.Layer == layer && end.Adds)) full.zero_();
                        continue;
                    }
                    var values = Ordered(block, layer, tensor, given.Tensors[tensor.KeyIn(NetworkPlan.KeyOf(key, layer))]);
                    if (layer.IsResizable) values = Runtime.Supernets.Tokens.ResizePositions(values, full.shape[1]);
                    Silence(
                        block, layer, tensor, full, values.shape,
                        ends.Where(end => end.Layer == layer).Select(end => ((Layer, bool, bool)?)end).FirstOrDefault());
                    Leading(layer, full, values.shape).copy_(layer.Parts == 1 ? values : values.unflatten(0, [layer.Parts, -1]));
                }
            }
        }
    }

    /// <summary>
    /// The given statistics of BatchNorm as an architecture of the supernet has them, with mean 0 and variance 1 for what lies beyond the
    /// given network.
    /// </summary>
    public NormStatistics Statistics(EquatableArray<int> choices)
    {
        using var scope = NewDisposeScope();
        var present = Numbered(given).ToDictionary(b => b.Block, b => b.Placed.Key);
        var known = new List<(string, Tensor, Tensor)>();
        foreach (var (placed, block) in given.Plan.Blocks.Select((placed, i) => (placed, i)))
        {
            foreach (var layer in placed.Block.Layers.Where(layer => layer.HasStatistics))
            {
                var (size, statistics) = (placed.Block.Port(layer.Out).At(choices),
                    StateTensor.Of(placed.Block, layer).Where(t => t.Role == TensorRole.Statistic).ToDictionary(t => t.Name));
                var (mean, variance) = (zeros(size), ones(size));
                if (present.TryGetValue(block, out var key))
                {
                    Fill(mean, statistics["running_mean"]);
                    Fill(variance, statistics["running_var"]);
                }
                known.Add((NetworkPlan.KeyOf(placed.SupernetKey, layer), mean, variance));

                void Fill(Tensor of, StateTensor tensor)
                {
                    var values = Ordered(block, layer, tensor, given.Tensors[tensor.KeyIn(NetworkPlan.KeyOf(key, layer))]);
                    var both = Math.Min(size, values.shape[0]);
                    of.narrow(0, 0, both).copy_(values.narrow(0, 0, both));
                }
            }
        }
        return NormStatistics.Of(known);
    }

    /// <summary>A given tensor with its channels in the order of their groups.</summary>
    private Tensor Ordered(int block, Layer layer, StateTensor of, Tensor values)
    {
        if (orders is null) return values;
        foreach (var (dimension, output) in ChannelGroups.Dimensions(layer, of))
        {
            var channels = groups.Of(block, layer, output);
            if (!orders.TryGetValue(channels, out var order)) continue;
            var parts = dimension == 0 ? layer.Parts : 1;
            var size = channels.Size.At(given.Choices);
            long[] places =
            [
                .. from part in Enumerable.Range(0, parts) from unit in order from within in Enumerable.Range(
                        0, channels.Unit) select part * size
                    + unit * channels.Unit + within,
            ];
            values = values.index_select(dimension, tensor(places));
        }
        return values;
    }

    /// <summary>Makes what lies beyond the given shape silent.</summary>
    private void Silence(
        int block, Layer layer, StateTensor tensor, Tensor full, long[] shape, (Layer Layer, bool Adds, bool Rectified)? end)
    {
        var (@out, rows) = (groups.Of(block, layer, output: true), shape[0] / layer.Parts);
        // As [parts, rows, …], for one part too.
        var parts = full.unflatten(0, [layer.Parts, -1]);
        var more = parts.shape[1] - rows;
        if (layer.HasStatistics)
        {
            if (more > 0 && @out.IsStream && end is { } last)
                parts.narrow(1, rows, more).fill_(tensor.Name == "bias" && last.Rectified ? Least : 0);
        }
        else if (!layer.HasWeights) full.zero_();
        else if (!layer.MixesChannels) full.narrow(0, 0, rows).zero_();
        else
        {
            if (more > 0 && @out.IsStream && layer.HasBias) parts.narrow(1, rows, more).zero_();
            if (tensor.Role == TensorRole.Weight && !groups.Of(block, layer, output: false).IsStream && full.shape[1] > shape[1])
                parts.narrow(1, 0, rows).narrow(2, shape[1], full.shape[1] - shape[1]).zero_();
        }
    }

    /// <summary>
    /// The place of the given values in a whole parameter: the leading entries, of kernels the centre; [parts, …] where there are parts.
    /// </summary>
    private static Tensor Leading(Layer layer, Tensor full, long[] shape)
    {
        var part = layer.Parts == 1 ? full : full.unflatten(0, [layer.Parts, -1]);
        var first = layer.Parts == 1 ? 0 : 1;
        for (var i = 0; i < shape.Length; i++)
        {
            var (length, room) = (i == 0 ? shape[0] / layer.Parts : shape[i], full.shape[i]);
            if (i == 0) room /= layer.Parts;
            part = part.narrow(first + i, i >= 2 && layer.IsConvolution ? (room - length) / 2 : 0, length);
        }
        return part;
    }

    /// <summary>The layers whose result a block hands on: whether it is added to the block's input, and whether a ReLU follows.</summary>
    private static IEnumerable<(Layer Layer, bool Adds, bool Rectified)> Ends(Block block)
    {
        foreach (var branch in block.Template.Branches)
        {
            var last = branch.Layers.Last(layer => layer.HasState);
            var after = branch.Layers.SkipWhile(layer => layer != last).Skip(1).Concat(branch.After);
            var rectified = after.Any(layer => layer.IsRectifier);
            var shortcut = block.ShortcutOf(branch);
            yield return (last, shortcut != Shortcut.None, rectified);
            if (shortcut == Shortcut.Projection)
                yield return (branch.Projection.Last(layer => layer.HasState), false, rectified);
        }
    }
}
