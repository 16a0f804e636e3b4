using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>
/// The cost of a plan in closed form, as C# over an architecture's axes: constant time for any architecture, where counting would walk every layer.
/// </summary>
internal sealed class CostFormula
{
    private readonly NetworkPlan plan;
    private readonly List<string> sides = ["s0"];
    private readonly List<(string Segment, string First, string Others, int DepthAxis)> macs = [];
    private readonly List<(string Segment, string First, string Others, int DepthAxis)> weights = [];
    private readonly List<(string Segment, string First, string Others, int DepthAxis)> affine = [];

    public CostFormula(NetworkPlan plan)
    {
        this.plan = plan;
        foreach (var segment in plan.Segments)
        {
            // All blocks but the first of a segment are alike, so two sums and the depth give its cost.
            var first = Sums(segment.Blocks[0]);
            var rest = segment.Blocks.Count > 1 ? Sums(segment.Blocks[1]) : ("", "", "");
            macs.Add((segment.Name, first.Item1, rest.Item1, segment.DepthAxis));
            weights.Add((segment.Name, first.Item2, rest.Item2, segment.DepthAxis));
            affine.Add((segment.Name, first.Item3, rest.Item3, segment.DepthAxis));
        }
    }

    public void Emit(SourceWriter w)
    {
        w.Summary("Multiply-accumulates of the convolutions for one image of size x size pixels. BatchNorm, ReLU, pooling and heads are not counted (DATA, Table 3).");
        w.Block($"public long Macs(int size = {Names.Number(plan.Space.InputSize)})", () =>
        {
            w.Line("long s0 = size;");
            for (var i = 1; i < sides.Count; i++) w.Line($"var s{i} = {sides[i]};");
            Sum(w, macs);
        });
        w.Line();
        w.Summary("Weights of the active convolutions.");
        w.Block("public long ConvWeights()", () => Sum(w, weights));
        w.Line();
        w.Summary("Convolution weights and BatchNorm scales and shifts.");
        w.Block("public long Parameters()", () =>
        {
            Sum(w, affine, "var affine = ");
            w.Line("return ConvWeights() + affine;");
        });
    }

    private void Sum(SourceWriter w, List<(string Segment, string First, string Others, int DepthAxis)> parts, string head = "return ")
    {
        foreach (var (segment, first, rest, depth) in parts)
            w.Line($"var {segment} = {first}{(rest.Length == 0 ? "" : $" + ({plan.Space.Axes[depth].Name} - 1) * ({rest})")};");
        w.Line($"{head}{string.Join(" + ", parts.Select(p => p.Segment))};");
    }

    /// <summary>MACs, convolution weights and BatchNorm parameters of one block; walks the side along the main path.</summary>
    private (string Macs, string Weights, string Affine) Sums(Block block)
    {
        var macs = new Polynomial();
        var weights = new Polynomial();
        var affine = new Polynomial();
        foreach (var layer in block.Layers)
        {
            // A projection ends where the main path ends, so its output has the side that the main path has reached.
            if (!block.Template.Projection.Contains(layer) && layer.StrideIn(block) > 1) Shrink(layer, block);
            var (@in, @out) = layer.In.Length == 0 ? default : (block.Port(layer.In), block.Port(layer.Out));
            if (layer.Kind == LayerKind.Norm) affine.Add(2L * @out.Factor, AxisName(@out).ToArray());
            if (layer.Kind != LayerKind.Conv) continue;
            var coefficient = (long)layer.Kernel * layer.Kernel * @in.Factor * @out.Factor;
            var factors = AxisName(@in).Concat(AxisName(@out)).ToArray();
            var side = $"s{sides.Count - 1}";
            weights.Add(coefficient, factors);
            macs.Add(coefficient, [.. factors, side, side]);
        }
        return (macs.ToString(), weights.ToString(), affine.ToString());
    }

    private void Shrink(Layer layer, Block block)
    {
        var reach = 2 * layer.Padding - layer.Kernel;
        sides.Add($"(s{sides.Count - 1} {(reach < 0 ? "-" : "+")} {Math.Abs(reach)}) / {layer.StrideIn(block)} + 1");
    }

    private IEnumerable<string> AxisName(Channels c) => c.Axis < 0 ? [] : [plan.Space.Axes[c.Axis].Name];

    /// <summary>A sum of products with equal products merged, in order of first appearance.</summary>
    private sealed class Polynomial
    {
        private readonly List<(string Product, long Coefficient)> terms = [];

        public void Add(long coefficient, params string[] factors)
        {
            var product = string.Concat(factors.OrderBy(f => f[0] == 's').ThenBy(f => f, StringComparer.Ordinal).Select(f => " * " + f));
            var i = terms.FindIndex(t => t.Product == product);
            if (i < 0) terms.Add((product, coefficient));
            else terms[i] = (product, terms[i].Coefficient + coefficient);
        }

        public override string ToString() => terms.Count == 0 ? "0L" : string.Join(" + ", terms.Select(t => $"{Names.Number(t.Coefficient)}L{t.Product}"));
    }
}
