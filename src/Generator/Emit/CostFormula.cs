using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>
/// The cost of a plan in closed form, as C# over an architecture's axes: constant time for any architecture, where counting would walk
/// every layer.
/// </summary>
internal sealed class CostFormula(NetworkPlan plan)
{
    public void Emit(SourceWriter w)
    {
        w.Summary(
            $"Multiply-accumulates of the {Layers} for one image of size x size pixels. Norms, activations, pooling and heads are not counted (DATA, Table 3).");
        w.Block($"public long Macs(int size = {Digits.Of(plan.Space.InputSize)})", () =>
        {
            w.Line("long s0 = size;");
            for (var i = 0; i < plan.Geometry.Reductions.Count; i++)
            {
                var (reach, stride) = (plan.Geometry.Reductions[i].Reach, plan.Geometry.Reductions[i].Stride);
                w.Line($"var s{i + 1} = (s{i} {(reach < 0 ? "-" : "+")} {Math.Abs(reach)}) / {stride} + 1;");
            }
            foreach (var place in Work.Select(work => work.Place).Where(p => p.Extra > 0).Distinct())
                w.Line($"var {Tokens(place)} = s{place.Side} * s{place.Side} + {place.Extra};");
            Sum(w, (segment, block) => Polynomial(plan.CostOf(segment, block).Work.Select(work => (work.Factor, Positions(work)))));
        });
        w.Line();
        w.Summary($"Weights of the active {(HasMatrices ? "convolutions and matrices" : "convolutions")}.");
        w.Block(
            "public long ConvWeights()", () => Sum(w, (segment, block) => Polynomial(plan.CostOf(segment, block).Weights.Select(Alone))));
        w.Line();
        w.Summary(
            $"Weights of the {(HasMatrices ? "convolutions and matrices, norm scales and shifts, biases, tokens and positions" : "convolutions and BatchNorm scales and shifts")}.");
        w.Block("public long Parameters()", () =>
        {
            Sum(w, (segment, block) => Polynomial(plan.CostOf(segment, block).Vectors.Select(Alone)), "var vectors = ");
            w.Line("return ConvWeights() + vectors;");
        });
    }

    private bool HasMatrices => plan.GivesTokens;

    private string Layers => HasMatrices ? "convolutions, matrices and attention products" : "convolutions";

    private IEnumerable<Work> Work => plan.Segments.SelectMany((s, i) => s.Kinds.SelectMany((_, j) => plan.CostOf(i, j).Work));

    /// <summary>One line a segment: its blocks but the first are alike, so two sums and the depth give its cost.</summary>
    private void Sum(SourceWriter w, Func<int, int, string> cost, string head = "return ")
    {
        for (var i = 0; i < plan.Segments.Count; i++)
        {
            var segment = plan.Segments[i];
            var depth = segment.DepthAxis < 0 ? "" : Names.Of(plan.Space.Axes[segment.DepthAxis]);
            var (first, others) = (cost(i, 0), segment.Blocks.Count > 1 ? cost(i, 1) : "");
            var sum = others.Length == 0 ? first : first == others ? $"{depth} * ({first})" : $"{first} + ({depth} - 1) * ({others})";
            w.Line($"var {segment.Name} = {sum};");
        }
        w.Line($"{head}{string.Join(" + ", plan.Segments.Select(s => s.Name))};");
    }

    private static (Quantity, string) Alone(Quantity quantity) => (quantity, "");

    private static string Tokens(Place place) => $"t{place.Side}";

    private static string Positions(Work work)
    {
        var one = work.Place.Extra > 0 ? $" * {Tokens(work.Place)}" : $" * s{work.Place.Side} * s{work.Place.Side}";
        return work.Power == 2 ? one + one : one;
    }

    /// <summary>A sum of products with equal products merged, in order of first appearance.</summary>
    private string Polynomial(IEnumerable<(Quantity Quantity, string Positions)> terms)
    {
        var products = terms.GroupBy(
            t =>
                string.Concat(
                        t.Quantity.Axes.Select(a => Names.Of(plan.Space.Axes[a])).OrderBy(n => n, StringComparer.Ordinal)
                            .Select(n => " * " + n))
                    + t.Positions)
            .Select(group => $"{Digits.Of(group.Sum(t => t.Quantity.Factor))}L{group.Key}");
        return string.Join(" + ", products.DefaultIfEmpty("0L"));
    }
}
