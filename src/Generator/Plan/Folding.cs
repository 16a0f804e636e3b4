using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>
/// A plan for inference: each BatchNorm, which then is a scale and a shift of every channel, becomes part of the convolution before it. The
/// rest, state-dict keys included, stays.
/// </summary>
public static class Folding
{
    /// <summary>Whether a plan has anything to fold; transformers have not.</summary>
    public static bool Applies(NetworkPlan plan) => plan.Templates.SelectMany(t => t.Layers).Any(IsNorm);

    /// <summary>The plan with biased convolutions and without BatchNorm.</summary>
    public static NetworkPlan Fold(NetworkPlan plan)
    {
        var templates = plan.Templates.ToDictionary(t => t, Fold);
        return new(
            plan.Space,
            plan.Segments.Select(
                    s => s with { Blocks = s.Blocks.Select(b => b with { Template = templates[b.Template] }).ToEquatableArray() })
                .ToEquatableArray(),
            plan.HeadKey);
    }

    /// <summary>The state-dict keys of a block's convolutions, each with that of the BatchNorm folded into it.</summary>
    /// <param name="placed">A block of the plan that is not folded.</param>
    public static IEnumerable<(string Convolution, string Norm)> Pairs(PlacedBlock placed) =>
        placed.Block.Layers.Zip(placed.Block.Layers.Skip(1), (layer, next) => (layer, next))
        .Where(pair => IsNorm(pair.next))
            .Select(pair => (NetworkPlan.KeyOf(placed.Key, pair.layer), NetworkPlan.KeyOf(placed.Key, pair.next)));

    private static BlockTemplate Fold(BlockTemplate template) => template with
    {
        Branches = template.Branches.Select(b => b with { Layers = Fold(b.Layers), Projection = Fold(b.Projection) }).ToEquatableArray(),
    };

    private static EquatableArray<Layer> Fold(EquatableArray<Layer> layers)
    {
        var folded = new List<Layer>();
        foreach (var layer in layers)
        {
            if (!IsNorm(layer)) folded.Add(layer);
            else if (folded.LastOrDefault() is { Kind: LayerKind.Conv or LayerKind.Depthwise, Biased: false } convolution)
                folded[folded.Count - 1] = convolution with { Biased = true };
            else throw new ArgumentException($"BatchNorm '{layer.Name}' follows no convolution", nameof(layers));
        }
        return folded.ToEquatableArray();
    }

    private static bool IsNorm(Layer layer) => layer.Kind == LayerKind.BatchNorm;
}
