using DataSsl.Dense.Data;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>A network that finds objects on images.</summary>
/// <param name="name">Of the module.</param>
public abstract class Detector(string name) : Part(name)
{
    /// <summary>What training makes smaller: scalars in autograd by name, of which the loss is the sum. They are the caller's.</summary>
    /// <param name="images">A batch.</param>
    /// <param name="targets">What is on each.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <param name="step">Of the training: every step draws anew.</param>
    /// <exception cref="ArgumentException">The targets are not those of such images.</exception>
    public abstract IReadOnlyDictionary<string, Tensor> Losses(PaddedImages images, IReadOnlyList<Target> targets, ulong seed, long step);

    /// <summary>What is on each image, in its pixels. They are the caller's.</summary>
    public abstract IReadOnlyList<Detections> Detect(PaddedImages images);

    /// <summary>Gives losses to the scope outside.</summary>
    private protected static IReadOnlyDictionary<string, Tensor> ToOuter(Dictionary<string, Tensor> losses)
    {
        foreach (var loss in losses.Values) loss.MoveToOuterDisposeScope();
        return losses;
    }

    /// <exception cref="ArgumentException">Something about the targets of a batch is not as said of them.</exception>
    private protected static void Check(IReadOnlyList<Target> targets, PaddedImages images, bool masks)
    {
        if (targets.Count != images.Sizes.Count) throw new ArgumentException($"{images.Sizes.Count} images have {targets.Count} targets");
        using var scope = NewDisposeScope();
        for (var i = 0; i < targets.Count; i++)
        {
            var (boxes, labels, mask) = targets[i];
            if (boxes.dim() != 2 || boxes.shape[1] != 4 || labels.dim() != 1 || labels.shape[0] != boxes.shape[0])
                throw new ArgumentException($"target {i}: boxes [M, 4] and labels [M] are wanted");
            if (boxes.shape[0] > 0 && !(boxes.narrow(1, 2, 2) - boxes.narrow(1, 0, 2)).gt(0).all().item<bool>())
                throw new ArgumentException($"target {i}: a box has no area");
            if (masks && (mask is null || mask.dim() != 3 || mask.shape[0] != boxes.shape[0]))
                throw new ArgumentException($"target {i}: masks [M, H, W] are wanted");
        }
    }
}
