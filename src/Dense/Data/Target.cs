using static TorchSharp.torch;

namespace DataSsl.Dense.Data;

/// <summary>What is on an image.</summary>
/// <param name="Boxes">[M, 4]: x1, y1, x2, y2 in pixels, each with an area; M may be 0.</param>
/// <param name="Labels">[M] in 64 bits: classes from 0.</param>
/// <param name="Masks">[M, H, W] of the image's size: 1 where the object is; null for a task without masks.</param>
public sealed record Target(Tensor Boxes, Tensor Labels, Tensor? Masks = null) : IDisposable
{
    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Boxes.Dispose();
        Labels.Dispose();
        Masks?.Dispose();
    }
}
