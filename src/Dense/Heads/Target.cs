using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>What is on an image.</summary>
/// <param name="Boxes">[M, 4]: x1, y1, x2, y2 in pixels, each with an area; M may be 0.</param>
/// <param name="Labels">[M] in 64 bits: classes from 0.</param>
/// <param name="Masks">[M, H, W] of the image's size: 1 where the object is; null for a task without masks.</param>
public sealed record Target(Tensor Boxes, Tensor Labels, Tensor? Masks = null)
{
    /// <exception cref="ArgumentException">Something about the targets of a batch is not as said here.</exception>
    internal static void Check(IReadOnlyList<Target> targets, PaddedImages images, bool masks)
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
