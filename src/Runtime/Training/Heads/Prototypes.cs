using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Heads;

/// <summary>Unit vectors that z is compared with: SwAV's prototypes, and DINO's weight-normed last layer, whose gain is fixed to 1.</summary>
public sealed class Prototypes(ParameterStore store, int dimension, int count)
{
    /// <summary>[count, dimension].</summary>
    public ParameterSlot Weight { get; } = store.Declare("prototypes.weight", [count, dimension], Initializer.Normal02);

    private Tensor Values => Weight.Slice(count, dimension);

    /// <summary>Cosines of unit vectors [N, D] with the directions of the weights, [N, count]; the gradient goes through their normalisation (weight norm).</summary>
    public Tensor OfDirections(Tensor z)
    {
        using var scope = NewDisposeScope();
        return functional.linear(z, functional.normalize(Values, dim: 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Products of vectors [N, D] with the weights as they are, [N, count].</summary>
    public Tensor Of(Tensor z) => functional.linear(z, Values);

    /// <summary>Scales the weights to unit length (SwAV, before each step).</summary>
    public void Normalize()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Weight.Full().copy_(functional.normalize(Weight.Full(), dim: 1));
    }
}
