using DataSsl.Generator.Plan;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Start;

/// <summary>
/// The channels of a given network by what they matter to it, the most important first, in each group of <see cref="ChannelGroups"/>:
/// narrower slices are the leading channels.
/// </summary>
/// <remarks>
/// Importance goes back from the embedding, layer by layer (Yu et al. 2018, NISP): what a layer gives hands its importance to what it
/// takes, by the shares of the variance that come from there. No image is needed: how much a channel varies is told by the norm before it.
/// If what that normalises is normal, a ReLU of scale g and shift b gives values of a known deviation; a constant says nothing, since a
/// slice's own statistics take it away.
/// </remarks>
internal sealed class ChannelOrder
{
    private readonly GivenNetwork given;
    private readonly ChannelGroups groups;
    private readonly List<Reading> readings = [];
    private readonly Sums variance = new();
    private readonly Sums shift = new();

    private ChannelOrder(GivenNetwork given, ChannelGroups groups)
    {
        (this.given, this.groups) = (given, groups);
        foreach (var (placed, block) in Placing.Numbered(given))
            foreach (var chain in Chains(placed.Block)) Follow(placed, block, chain);
    }

    /// <summary>A layer that sums over channels: which share of what it gives comes from where.</summary>
    /// <param name="Energy">[outputs, inputs], the variance that each input brings.</param>
    /// <param name="Part">[outputs], how much of the variance of its group of channels a layer gives; null where it gives all.</param>
    private sealed record Reading(ChannelGroup In, ChannelGroup Out, Tensor Energy, Tensor? Part, int Parts);

    /// <summary>For each group of channels that a space slices: which channel comes first, second, … Whole heads stay together.</summary>
    /// <param name="given">The network.</param>
    /// <param name="groups">Of its plan.</param>
    public static Dictionary<ChannelGroup, long[]> Of(GivenNetwork given, ChannelGroups groups)
    {
        using var scope = NewDisposeScope();
        var importance = new ChannelOrder(given, groups).Importance();
        // Blocks that the network has not have channels of their own, of no order.
        return groups.All.Where(group => !group.IsImage && group.Size.Axes.Count > 0 && importance.Of(group) is not null)
            .ToDictionary(group => group, group =>
        {
            var values = importance.Of(group)!.view(-1, group.Unit).sum([1L]).contiguous().data<float>().ToArray();
            // Of equals the first stays first.
            return Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Select(i => (long)i).ToArray();
        });
    }

    /// <summary>Goes along a chain of layers with the deviation of each channel.</summary>
    private void Follow(PlacedBlock placed, int block, IReadOnlyList<Layer> chain)
    {
        var first = groups.Of(block, chain[0], output: false);
        var deviation = variance.Of(first) is { } before
            ? Deviation(before.sqrt(), shift.Of(first), rectified: shift.Of(first) is not null && IsRectified(placed.Block))
            : ones(first.Size.At(given.Choices));
        var mixing = -1;
        for (var i = 0; i < chain.Count; i++)
        {
            var (layer, key) = (chain[i], NetworkPlan.KeyOf(placed.Key, chain[i]));
            var isLast = !chain.Skip(i + 1).Any(l => l.HasState);
            if (layer.MixesChannels)
            {
                var weight = given.Tensors[$"{key}.weight"].square();
                var energy = (weight.dim() == 4 ? weight.sum([2L, 3]) : weight) * deviation.square();
                mixing = readings.Count;
                readings.Add(
                    new(groups.Of(block, layer, output: false), groups.Of(block, layer, output: true), energy, null, layer.Parts));
                // Of q, k and v the values are what is handed on.
                var sums = energy.sum([1L]).view(layer.Parts, -1).select(0, layer.Parts - 1);
                deviation = sums.sqrt();
                if (isLast) Hand(mixing, sums, null);
            }
            else if (layer.HasStatistics)
            {
                var (scale, bias) = (given.Tensors[$"{key}.weight"].abs(), given.Tensors[$"{key}.bias"]);
                deviation = Deviation(scale, bias, chain.ElementAtOrDefault(i + 1) is { IsRectifier: true });
                if (isLast) Hand(mixing, scale.square(), bias);
            }
            else if (layer.IsNorm) deviation = given.Tensors[$"{key}.weight"].abs();
        }
    }

    /// <summary>Adds what the end of a chain hands on to the channels between blocks.</summary>
    private void Hand(int reading, Tensor energy, Tensor? bias)
    {
        var last = readings[reading];
        readings[reading] = last with { Part = energy };
        variance.Add(last.Out, energy);
        if (bias is not null) shift.Add(last.Out, bias);
    }

    /// <summary>The importance of every channel, from the embedding's back to the stem's.</summary>
    private Sums Importance()
    {
        var importance = new Sums();
        var end = readings[^1].Out;
        importance.Add(end, variance.Of(end)!);
        foreach (var reading in Enumerable.Reverse(readings))
        {
            var size = reading.Out.Size.At(given.Choices);
            var own = importance.Of(reading.Out) ?? ones(size);
            if (reading.Part is { } part) own = own * part / variance.Of(reading.Out)!.clamp_min(1e-20);
            var shares = reading.Energy / reading.Energy.sum([1L], keepdim: true).clamp_min(1e-20);
            importance.Add(reading.In, (own.repeat(reading.Parts).unsqueeze(1) * shares).sum([0L]));
        }
        return importance;
    }

    /// <summary>The standard deviation of max(0, g z + b), or of g z + b, for a standard normal z.</summary>
    private static Tensor Deviation(Tensor g, Tensor? b, bool rectified)
    {
        if (!rectified || b is null) return g;
        var width = g.clamp_min(1e-12);
        var (ratio, above) = (b / width, 0.5 * (1 + special.erf(b / width / Math.Sqrt(2))));
        var density = (-0.5 * ratio.square()).exp() / Math.Sqrt(2 * Math.PI);
        var mean = b * above + width * density;
        return ((b.square() + width.square()) * above + b * width * density - mean.square()).clamp_min(0).sqrt();
    }

    /// <summary>Whether a ReLU stands between blocks of this kind.</summary>
    private static bool IsRectified(Block block) =>
        block.Template.Branches.Any(branch => branch.After.Any(layer => layer.IsRectifier));

    /// <summary>The layers of a block that follow one another: each branch with what comes after the sum, and its projection too.</summary>
    private static IEnumerable<List<Layer>> Chains(Block block)
    {
        foreach (var branch in block.Template.Branches)
        {
            yield return [.. branch.Layers, .. branch.After];
            if (block.ShortcutOf(branch) == Shortcut.Projection) yield return [.. branch.Projection, .. branch.After];
        }
    }

    /// <summary>A sum of vectors for each group.</summary>
    private sealed class Sums
    {
        private readonly Dictionary<ChannelGroup, Tensor> sums = [];

        public void Add(ChannelGroup group, Tensor values) =>
            sums[group] = sums.TryGetValue(group, out var before) ? before + values : values;

        public Tensor? Of(ChannelGroup group) => sums.GetValueOrDefault(group);
    }
}
