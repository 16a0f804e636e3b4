using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Cross-entropy to targets that are distributions.</summary>
internal static class SoftCrossEntropy
{
    /// <summary>The mean over rows of -sum target * log softmax(logits), both [N, K].</summary>
    public static Tensor Of(Tensor target, Tensor logits)
    {
        using var scope = NewDisposeScope();
        return (target * functional.log_softmax(logits, 1)).sum(1).mean().neg().MoveToOuterDisposeScope();
    }
}
