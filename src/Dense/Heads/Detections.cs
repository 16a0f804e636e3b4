using DataSsl.Dense.Boxes;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>What a detector found on an image, the best first.</summary>
/// <param name="Boxes">[K, 4]: x1, y1, x2, y2 in pixels.</param>
/// <param name="Scores">[K], from 0 to 1.</param>
/// <param name="Labels">[K] in 64 bits: classes from 0.</param>
/// <param name="Masks">[K, S, S]: the object's share of each part of its box, from 0 to 1; null from a detector without masks.</param>
public sealed record Detections(Tensor Boxes, Tensor Scores, Tensor Labels, Tensor? Masks = null) : IDisposable
{
    /// <summary>The same in pixels of another size of the image: that before it was resized, say.</summary>
    public Detections Resize(ImageSize from, ImageSize to) =>
        new(BoxAlgebra.Resize(Boxes, from, to), Scores.alias(), Labels.alias(), Masks?.alias());

    /// <summary>The masks on the image: [K, H, W], from 0 to 1; above 0.5 is the object.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public Tensor Paste(ImageSize size)
    {
        if (Masks is null) throw new InvalidOperationException("a detector without masks found these");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var image = zeros([Masks.shape[0], size.Height, size.Width], Masks.dtype, Masks.device);
        // A border of zeros, by which the box grows too: at its edge a mask fades out.
        var side = Masks.shape[2];
        var padded = nn.functional.pad(Masks, [1, 1, 1, 1]);
        var (middle, half) = ((Boxes.narrow(1, 0, 2) + Boxes.narrow(1, 2, 2)) * 0.5,
            (Boxes.narrow(1, 2, 2) - Boxes.narrow(1, 0, 2)) * 0.5 * ((side + 2.0) / side));
        var edges = BoxAlgebra.Numbers<long>(cat([middle - half, middle + half], 1).to(ScalarType.Int64));
        for (var k = 0; k < Masks.shape[0]; k++)
        {
            using var inner = NewDisposeScope();
            var (x1, y1, x2, y2) = (edges[4 * k], edges[4 * k + 1], edges[4 * k + 2], edges[4 * k + 3]);
            var (width, height) = (Math.Max(x2 - x1 + 1, 1), Math.Max(y2 - y1 + 1, 1));
            var (left, top, right, bottom) = (Math.Max(x1, 0), Math.Max(y1, 0), Math.Min(x1 + width, size.Width),
                Math.Min(y1 + height, size.Height));
            if (right <= left || bottom <= top) continue;
            var mask = nn.functional.interpolate(
                padded.narrow(0, k, 1).unsqueeze(0), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false)[0][0];
            image[k].narrow(0, top, bottom - top).narrow(1, left, right - left)
                .copy_(mask.narrow(0, top - y1, bottom - top).narrow(1, left - x1, right - left));
        }
        return image.MoveToOuterDisposeScope();
    }

    /// <summary>Gives the tensors to the scope outside.</summary>
    internal Detections MoveToOuterDisposeScope()
    {
        Boxes.MoveToOuterDisposeScope();
        Scores.MoveToOuterDisposeScope();
        Labels.MoveToOuterDisposeScope();
        Masks?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Boxes.Dispose();
        Scores.Dispose();
        Labels.Dispose();
        Masks?.Dispose();
    }
}
