using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Plan;

/// <summary>
/// The network of a space, layer by layer, with channel counts as multiples of choices. The only source of derived facts: slices, state-dict keys, costs,
/// prefix structure, the supernet class and the fixed class all come from here.
/// </summary>
public sealed record NetworkPlan(Space Space, EquatableArray<Segment> Segments)
{
    /// <summary>Channels of the embedding.</summary>
    public Channels Embedding => Segments[Segments.Count - 1].Out;

    public IEnumerable<BlockTemplate> Templates => Segments.SelectMany(s => s.Blocks).Select(b => b.Template).Distinct();

    /// <summary>By how much the network shrinks the sides of an image; also the smallest side it takes.</summary>
    public int Reduction => Segments.Aggregate(1, (all, s) => all * s.Blocks[0].Template.Main.Aggregate(1, (r, layer) => r * layer.StrideIn(s.Blocks[0])));

    /// <summary>Multiply-accumulates of the convolutions for one square image; BatchNorm, ReLU, pooling and heads are not counted, as in DATA's tables.</summary>
    public long Macs(EquatableArray<int> choices, int size) => Convolutions(choices, size).Sum(c => c.Weights * c.OutSize * c.OutSize);


    /// <summary>Weights of the active convolutions.</summary>
    public long ConvWeights(EquatableArray<int> choices) => Convolutions(choices, Reduction).Sum(c => c.Weights);

    /// <summary>Convolution weights and BatchNorm scales and shifts.</summary>
    public long Parameters(EquatableArray<int> choices)
    {
        var affine = ActiveBlocks(choices).SelectMany(b => b.Layers.Where(l => l.Kind == LayerKind.Norm).Select(l => 2L * b.Port(l.Out).At(choices))).Sum();
        return ConvWeights(choices) + affine;
    }

    /// <summary>Each active convolution in order of execution.</summary>
    public IEnumerable<(string Key, long Weights, int OutSize)> Convolutions(EquatableArray<int> choices, int size)
    {
        var side = size;
        foreach (var block in ActiveBlocks(choices))
        {
            var entry = side;
            foreach (var layer in block.Template.Main)
            {
                side = OutSize(side, layer, block);
                if (layer.Kind == LayerKind.Conv) yield return (block.KeyOf(layer), Weights(block, layer, choices), side);
            }
            if (!block.Project) continue;
            foreach (var layer in block.Template.Projection.Where(l => l.Kind == LayerKind.Conv))
                yield return (block.KeyOf(layer), Weights(block, layer, choices), OutSize(entry, layer, block));
        }
    }

    public static int OutSize(int size, Layer layer, Block block) => (size + 2 * layer.Padding - layer.Kernel) / layer.StrideIn(block) + 1;

    private static long Weights(Block block, Layer layer, EquatableArray<int> choices) =>
        (long)layer.Kernel * layer.Kernel * block.Port(layer.In).At(choices) * block.Port(layer.Out).At(choices);

    /// <summary>The blocks that run, in order.</summary>
    public IEnumerable<Block> ActiveBlocks(EquatableArray<int> choices) => Segments.SelectMany(s => s.Blocks.Take(s.DepthAt(choices)));

    /// <summary>
    /// Content hash of what decides the weights' layout and the meaning of an index. Names, namespaces, comments and anchors do not enter: checkpoints
    /// survive their change.
    /// </summary>
    public string Hash()
    {
        var text = new StringBuilder();
        foreach (var axis in Space.Axes) text.Append(axis.Segment).Append('.').Append(axis.Kind).Append('=').Append(string.Join(",", axis.Values)).Append('\n');
        foreach (var c in Space.Constraints) text.AppendFormat(CultureInfo.InvariantCulture, "axis{0} {1} axis{2} {3}\n", c.Left, c.Relation, c.Right, c.Value);
        foreach (var block in Segments.SelectMany(s => s.Blocks))
        {
            foreach (var layer in block.Layers)
            {
                text.AppendFormat(CultureInfo.InvariantCulture, "{0} {1} k{2} s{3}", block.KeyOf(layer), layer.Kind, layer.Kernel, layer.StrideIn(block));
                if (layer.In.Length > 0) text.Append(Describe(block.Port(layer.In))).Append(Describe(block.Port(layer.Out)));
                text.Append('\n');
            }
        }
        using var sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(text.ToString())).Take(8).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

        static string Describe(Channels c) => string.Format(CultureInfo.InvariantCulture, " {0}*{1}", c.Factor, c.Axis < 0 ? "1" : $"axis{c.Axis}");
    }
}
