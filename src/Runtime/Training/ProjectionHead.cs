using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training;

/// <summary>MoCo v2's neck: linear, ReLU, linear. Subnets use the leading input columns of the first layer; hidden and output sizes are fixed.</summary>
/// <remarks>Computes in 32 bits whatever the convolutions use: it is a small part of the cost, and the contrastive logits come from it.</remarks>
public sealed class ProjectionHead
{
    private readonly ParameterSlot weight1;
    private readonly ParameterSlot bias1;
    private readonly ParameterSlot weight2;
    private readonly ParameterSlot bias2;
    private readonly int hidden;

    /// <summary>Declares the head's parameters at the largest embedding.</summary>
    public ProjectionHead(ParameterStore store, int maxEmbedding, int hidden, int dimension)
    {
        (this.hidden, Dimension) = (hidden, dimension);
        weight1 = store.Declare("neck.mlp.0.weight", [hidden, maxEmbedding], Initializer.KaimingFanIn);
        bias1 = store.Declare("neck.mlp.0.bias", [hidden], Initializer.Zeros);
        weight2 = store.Declare("neck.mlp.2.weight", [dimension, hidden], Initializer.KaimingFanIn);
        bias2 = store.Declare("neck.mlp.2.bias", [dimension], Initializer.Zeros);
    }

    /// <summary>Length of the output vectors.</summary>
    public int Dimension { get; }

    /// <summary>Unit vectors: embeddings [N, C] -> z [N, D].</summary>
    public Tensor forward(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var y = functional.linear(embedding, weight1.Slice(hidden, embedding.shape[1]), bias1.Slice(hidden)).relu_();
        y = functional.linear(y, weight2.Slice(Dimension, hidden), bias2.Slice(Dimension));
        return functional.normalize(y, dim: 1).MoveToOuterDisposeScope();
    }
}
