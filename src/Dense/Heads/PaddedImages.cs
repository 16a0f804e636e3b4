using DataSsl.Dense.Boxes;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>Images of different sizes as one batch: each in the upper left corner, zeros beside and below it.</summary>
/// <param name="Pixels">[N, 3, H, W], normalised as the backbone wants them.</param>
/// <param name="Sizes">Of the images within.</param>
public sealed record PaddedImages(Tensor Pixels, IReadOnlyList<ImageSize> Sizes)
{
    /// <summary>
    /// A batch of images, each [3, H, W], as high and wide as the largest, up to a multiple: what the network halves should come out even.
    /// </summary>
    public static PaddedImages Of(IReadOnlyList<Tensor> images, int multiple = 32)
    {
        using var scope = NewDisposeScope();
        var sizes = images.Select(image => new ImageSize(image.shape[1], image.shape[2])).ToList();
        var batch = zeros(
            [images.Count, images[0].shape[0], Up(sizes.Max(size => size.Height)), Up(sizes.Max(size => size.Width))], images[0].dtype,
            images[0].device);
        for (var i = 0; i < images.Count; i++) batch[i].narrow(1, 0, sizes[i].Height).narrow(2, 0, sizes[i].Width).copy_(images[i]);
        return new(batch.MoveToOuterDisposeScope(), sizes);

        long Up(long side) => (side + multiple - 1) / multiple * multiple;
    }
}
