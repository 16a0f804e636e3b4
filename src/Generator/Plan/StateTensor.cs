using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>What a tensor is to its layer.</summary>
public enum TensorRole
{
    /// <summary>Weights of a convolution or a matrix: what multiplies the input.</summary>
    Weight,

    /// <summary>Scales, shifts, biases, tokens and positions.</summary>
    Vector,

    /// <summary>BatchNorm's running statistics, which are not parameters.</summary>
    Statistic,
}

/// <summary>One entry of a layer's state dict.</summary>
/// <param name="Name">Key below the layer's; empty where the layer is the tensor itself.</param>
/// <param name="Shape">Its sizes. The leading entries of each dimension are the smaller slices; of kernels the centre.</param>
public sealed record StateTensor(string Name, TensorRole Role, EquatableArray<Quantity> Shape) : IEquatable<StateTensor>
{
    /// <summary>How many entries it has.</summary>
    public Quantity Count => Shape.Aggregate((Quantity)1, (all, side) => all * side);

    /// <summary>Full state-dict key, in a layer of the key <paramref name="layer"/>.</summary>
    public string KeyIn(string layer) => Name.Length == 0 ? layer : $"{layer}.{Name}";

    /// <summary>The state of a layer whose ports a block has bound.</summary>
    public static IEnumerable<StateTensor> Of(Block block, Layer layer)
    {
        if (layer.Out.Length == 0) return [];
        var (@in, @out, kernel) = (block.Port(layer.In), layer.Parts * block.Port(layer.Out), block.KernelOf(layer));
        return layer.Kind switch
        {
            LayerKind.Conv => WithBias(Weight(@out, @in, kernel, kernel)),
            LayerKind.Depthwise => WithBias(Weight(@out, 1, kernel, kernel)),
            LayerKind.Patches => [Weight(@out, @in, kernel, kernel), Vector("bias", @out)],
            LayerKind.Linear => [Weight(@out, @in), Vector("bias", @out)],
            LayerKind.LayerNorm => [Vector("weight", @out), Vector("bias", @out)],
            LayerKind.BatchNorm =>
            [
                Vector("weight", @out), Vector("bias", @out),
                Statistic("running_mean", @out), Statistic("running_var", @out), Statistic("num_batches_tracked"),
            ],
            LayerKind.ClassToken => [Vector("", 1, 1, @out)],
            LayerKind.Positions => [Vector("", 1, layer.Length, @out)],
            _ => [],
        };

        IEnumerable<StateTensor> WithBias(StateTensor weight) => layer.Biased ? [weight, Vector("bias", @out)] : [weight];
    }

    private static StateTensor Weight(params Quantity[] shape) => new("weight", TensorRole.Weight, new(shape));

    private static StateTensor Vector(string name, params Quantity[] shape) => new(name, TensorRole.Vector, new(shape));

    private static StateTensor Statistic(string name, params Quantity[] shape) => new(name, TensorRole.Statistic, new(shape));
}
