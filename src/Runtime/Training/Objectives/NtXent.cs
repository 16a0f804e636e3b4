using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>SimCLR's loss in one direction.</summary>
public static class NtXent
{
    /// <summary>The mean cross-entropy of telling each anchor's positive from all other vectors of both views, its own left out.</summary>
    /// <param name="anchors">Unit vectors [N, D].</param>
    /// <param name="positives">Of the other view of the same images: [N, D].</param>
    /// <param name="temperature">tau.</param>
    public static Tensor Loss(Tensor anchors, Tensor positives, double temperature)
    {
        using var scope = NewDisposeScope();
        var count = anchors.shape[0];
        var own = eye(count, device: anchors.device, dtype: ScalarType.Bool);
        var others = anchors.mm(anchors.t()).div(temperature).masked_fill(own, double.NegativeInfinity);
        var logits = cat([anchors.mm(positives.t()) / temperature, others], 1);
        return functional.cross_entropy(logits, arange(count, ScalarType.Int64, anchors.device)).MoveToOuterDisposeScope();
    }
}
