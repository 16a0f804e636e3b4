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
    public static bool Applies(NetworkPlan plan) => plan.Templates.SelectMany(t => t.Layers).Any(layer => layer.HasStatistics);

    /// <summary>The plan with biased convolutions and without BatchNorm.</summary>
    public static NetworkPlan Fold(NetworkPlan plan) => With(plan, Fold);

    /// <summary>
    /// A folded plan in which convolutions take what follows them: activations, and the sum with a shortcut that every block has.
    /// </summary>
    public static NetworkPlan Fuse(NetworkPlan plan) => With(
        plan, template => template with { Branches = template.Branches.Select(Fuse).ToEquatableArray() });

    private static NetworkPlan With(NetworkPlan plan, Func<BlockTemplate, BlockTemplate> change)
    {
        var templates = plan.Templates.ToDictionary(t => t, change);
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
        .Where(pair => pair.next.HasStatistics)
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
            if (!layer.HasStatistics) folded.Add(layer);
            else if (folded.LastOrDefault() is { IsConvolution: true, HasBias: false } convolution)
                folded[folded.Count - 1] = convolution with { Biased = true };
            else throw new ArgumentException($"BatchNorm '{layer.Name}' follows no convolution", nameof(layers));
        }
        return folded.ToEquatableArray();
    }

    private static Branch Fuse(Branch branch)
    {
        var layers = Fuse(branch.Layers).ToList();
        var last = layers[layers.Count - 1];
        // What ends within a Sequential has no second input.
        var takesSum = branch.Adds && !branch.MayAdd && layers.Count > 1 && IsFolded(last) && last.Activation is null
            && !last.Name.Contains(".") && branch.After.Count == 1 && branch.After[0] == Layer.Relu();
        if (takesSum) layers[layers.Count - 1] = last with { TakesSum = true, Activation = branch.After[0].Kind };
        return branch with { Layers = layers.ToEquatableArray(), After = takesSum ? default : branch.After };
    }

    private static IEnumerable<Layer> Fuse(EquatableArray<Layer> layers)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            var fuses = IsFolded(layers[i]) && i + 1 < layers.Count && layers[i + 1].IsRectifier;
            yield return fuses ? layers[i] with { Activation = layers[i + 1].Kind } : layers[i];
            if (fuses) i++;
        }
    }

    private static bool IsFolded(Layer layer) => layer is { IsConvolution: true, Biased: true };
}
