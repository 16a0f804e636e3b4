using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Dense.Data;

/// <summary>An image with its objects, as a detector is trained on it.</summary>
/// <param name="Pixels">[3, H, W], normalised.</param>
/// <param name="Target">What is on it; boxes in 32 bits, masks in 8.</param>
public sealed record TrainingView(Tensor Pixels, Target Target) : IDisposable
{
    /// <summary>Makes one. Crowds are left out, and what is cut off.</summary>
    /// <param name="image">The image.</param>
    /// <param name="objects">What is marked on it.</param>
    /// <param name="placement">Where both come to lie.</param>
    /// <param name="augmentation">By which colours are normalised.</param>
    /// <param name="withMasks">Whether masks are wanted; every object has one then.</param>
    public static TrainingView Of(
        Image image, IReadOnlyList<LabelledObject> objects, JointPlacement placement, JointAugmentation augmentation, bool withMasks)
    {
        var (boxes, labels, masks) = (new List<float>(), new List<long>(), new List<byte>());
        foreach (var item in objects.Where(item => !item.IsCrowd))
        {
            var box = placement.Of(item.Box);
            // As 32 bits have it: a sliver may be gone there.
            var (left, top, right, bottom) = ((float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom);
            if (!(right > left && bottom > top)) continue;
            if (withMasks)
            {
                var pixels = placement.Of(item.Mask!.Pixels(), 0);
                if (!pixels.AsSpan().Contains((byte)1)) continue;
                masks.AddRange(pixels);
            }
            boxes.AddRange([left, top, right, bottom]);
            labels.Add(item.Class);
        }
        using var scope = NewDisposeScope();
        var count = labels.Count;
        return new(
            placement.Of(image, augmentation.Mean, augmentation.Std).MoveToOuterDisposeScope(),
            new(
                tensor(boxes.ToArray(), [count, 4]).MoveToOuterDisposeScope(), tensor(labels.ToArray(), [count]).MoveToOuterDisposeScope(),
                withMasks ? tensor(masks.ToArray(), [count, placement.Height, placement.Width]).MoveToOuterDisposeScope() : null));
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Pixels.Dispose();
        Target.Dispose();
    }
}
