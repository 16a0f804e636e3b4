using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>
/// The network of a space, layer by layer, with channel counts as products of choices. The only source of derived facts: slices, state-dict
/// keys, costs, prefix structure, the supernet class and the fixed class all come from here.
/// </summary>
public sealed class NetworkPlan
{
    private readonly Cost?[][] costs;
    private IReadOnlyList<PlacedBlock>? kinds;

    /// <param name="headKey">State-dict key of a classification head on the embedding.</param>
    public NetworkPlan(Space space, EquatableArray<Segment> segments, string headKey)
    {
        (Space, Segments, HeadKey, Geometry) = (space, segments, headKey, new(segments));
        costs = [.. segments.Select(s => new Cost?[s.Kinds.Count()])];
    }

    /// <summary>The space whose network it is.</summary>
    public Space Space { get; }

    /// <summary>The parts of the network in the order in which they run.</summary>
    public EquatableArray<Segment> Segments { get; }

    /// <summary>State-dict key of a classification head on the embedding.</summary>
    public string HeadKey { get; }

    /// <summary>Where each layer stands.</summary>
    public Geometry Geometry { get; }

    /// <summary>Channels of the embedding.</summary>
    public Quantity Embedding => Segments[Segments.Count - 1].Out;

    /// <summary>The last output is tokens, of which the first is the embedding; otherwise it is a map, whose mean is.</summary>
    public bool GivesTokens => Geometry.After(Segments.Count - 1).Tokens;

    /// <summary>The templates of all blocks, each once.</summary>
    public IEnumerable<BlockTemplate> Templates => Segments.SelectMany(s => s.Kinds).Select(b => b.Template).Distinct();

    /// <summary>The segments whose maps dense tasks use; the stem's is not among them.</summary>
    public IEnumerable<Segment> Taps => Segments.Skip(1).Where(s => s.Tap.Length > 0);

    /// <summary>By how much the network shrinks the sides of an image; also the smallest side it takes.</summary>
    public int Reduction => Geometry.Reductions.Aggregate(1, (all, r) => all * r.Stride);

    /// <summary>Every block in order.</summary>
    public IEnumerable<PlacedBlock> Blocks => ActiveBlocks(Space.Max);

    /// <summary>Each block that differs, once: the first two of every segment.</summary>
    public IReadOnlyList<PlacedBlock> Kinds => kinds ??= [.. Blocks.Where(placed => placed.Index < 2)];

    /// <summary>
    /// The blocks that run, in order. One that follows a left-out block in its container moves up, as it would in a network that never had
    /// the other.
    /// </summary>
    public IEnumerable<PlacedBlock> ActiveBlocks(EquatableArray<int> choices)
    {
        var (all, active) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        foreach (var segment in Segments)
        {
            for (var i = 0; i < segment.Blocks.Count; i++)
            {
                var supernetKey = Next(all, segment.Blocks[i].Container);
                if (i < segment.DepthAt(choices))
                    yield return new(segment, i, segment.Blocks[i], supernetKey, Next(active, segment.Blocks[i].Container));
            }
        }

        static string Next(Dictionary<string, int> positions, string container)
        {
            if (container.Length == 0) return "";
            positions.TryGetValue(container, out var position);
            positions[container] = position + 1;
            return $"{container}.{Digits.Of(position)}";
        }
    }

    /// <summary>Full state-dict key of a layer.</summary>
    public static string KeyOf(string block, Layer layer) => block.Length == 0 ? layer.Name : $"{block}.{layer.Name}";

    /// <summary>What one block of a segment costs: all but the first cost the same. Counted when first asked for.</summary>
    public Cost CostOf(int segment, int block) =>
        costs[segment][block = Math.Min(block, 1)] ??= Cost.Of(Segments[segment].Blocks[block], Geometry.Of(segment, block));

    /// <summary>Multiply-accumulates for one square image.</summary>
    public long Macs(EquatableArray<int> choices, int size)
    {
        // Places are few and layers many: the positions of each place are counted once.
        var positions = new Dictionary<Place, long>();
        return Sum(
            choices,
            cost =>
                cost.Work.Sum(
                    work =>
                        work.Factor.At(choices) * (work.Power == 1 ? PositionsAt(work.Place)
                            : PositionsAt(work.Place) * PositionsAt(work.Place))));

        long PositionsAt(Place place) =>
            positions.TryGetValue(place, out var count) ? count : positions[place] = Geometry.PositionsAt(place, size);
    }

    /// <summary>Weights of the active convolutions and matrices.</summary>
    public long ConvWeights(EquatableArray<int> choices) => Sum(choices, cost => Cost.Sum(cost.Weights, choices));

    /// <summary>Every parameter of the active blocks.</summary>
    public long Parameters(EquatableArray<int> choices) => ConvWeights(choices) + Sum(choices, cost => Cost.Sum(cost.Vectors, choices));

    /// <summary>Every parameter of one segment's active blocks.</summary>
    public long ParametersOf(int segment, EquatableArray<int> choices) =>
        Sum(choices, cost => Cost.Sum(cost.Weights, choices) + Cost.Sum(cost.Vectors, choices), segment);

    /// <summary>
    /// Content hash of the network and of the meaning of an index: what a run that goes on, and a search that names its candidates, must
    /// agree in. Names, namespaces, comments, anchors and budgets do not enter.
    /// </summary>
    public string Hash()
    {
        var text = new StringBuilder();
        foreach (var axis in Space.Axes)
            text.Append(axis.Segment).Append('.').Append(axis.Kind).Append('=').Append(string.Join(",", axis.Values)).Append('\n');
        foreach (var c in Space.Constraints)
            text.AppendFormat(CultureInfo.InvariantCulture, "axis{0} {1} axis{2} {3}\n", c.Left, c.Relation, c.Right, c.Value);
        AppendLayers(text, side => Digits.Of(side.Factor) + string.Concat(side.Axes.Select(a => "*axis" + Digits.Of(a))));
        return Digest(text);
    }

    /// <summary>
    /// Content hash of the largest network alone: every layer with its key, what it does, and its tensors' shapes. Weights fit any space
    /// that agrees in it, whatever grid and constraints it lays over them.
    /// </summary>
    public string WeightsHash()
    {
        var (text, max) = (new StringBuilder(), Space.Max);
        AppendLayers(text, side => Digits.Of(side.At(max)));
        return Digest(text);
    }

    private void AppendLayers(StringBuilder text, Func<Quantity, string> show)
    {
        var facts = new Dictionary<Layer, string>();
        foreach (var placed in Blocks)
        {
            // All blocks of a segment but the first are alike: what they say, save the key, is made once.
            if (placed.Index < 2)
                facts = placed.Block.Layers.Distinct().ToDictionary(layer => layer, layer => Facts(placed.Block, layer, show));
            foreach (var layer in placed.Block.Layers) text.Append(KeyOf(placed.SupernetKey, layer)).Append(facts[layer]);
        }
    }

    private static string Digest(StringBuilder text)
    {
        using var sha = SHA256.Create();
        return string.Concat(
            sha.ComputeHash(Encoding.UTF8.GetBytes(text.ToString())).Take(8).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
    }

    private static string Facts(Block block, Layer layer, Func<Quantity, string> show)
    {
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture, " {0} k{1} s{2}", layer.Kind, layer.Kernel, block.StrideOf(layer));
        if (layer.HeadSize > 0) text.AppendFormat(CultureInfo.InvariantCulture, " h{0}", layer.HeadSize);
        foreach (var side in StateTensor.Of(block, layer).SelectMany(t => t.Shape))
            text.Append(' ').Append(show(side));
        return text.Append('\n').ToString();
    }

    /// <summary>Over the active blocks of every segment: its first and as many more as it is deep.</summary>
    private long Sum(EquatableArray<int> choices, Func<Cost, long> of)
    {
        var sum = 0L;
        for (var i = 0; i < Segments.Count; i++) sum += Sum(choices, of, i);
        return sum;
    }

    private long Sum(EquatableArray<int> choices, Func<Cost, long> of, int segment)
    {
        var depth = Segments[segment].DepthAt(choices);
        return of(CostOf(segment, 0)) + (depth > 1 ? (depth - 1) * of(CostOf(segment, 1)) : 0);
    }
}
