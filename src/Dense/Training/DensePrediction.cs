using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Metrics;
using DataSsl.Runtime.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Dense.Training;

/// <summary>What a trained network tells of images, in their own pixels.</summary>
/// <param name="network">In evaluation mode.</param>
/// <param name="device">Where it is.</param>
public sealed class DensePrediction(DenseNetwork network, Device device)
{
    /// <summary>From where on a mask is the object.</summary>
    private const double Inside = 0.5;

    private readonly JointAugmentation how = network.Settings.Images();

    /// <summary>The objects on an image, the best first.</summary>
    public IReadOnlyList<FoundObject> Objects(Image image)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (batch, size) = (Batch(image), new ImageSize(image.Height, image.Width));
        var found = network.Detector!.Detect(batch)[0].Resize(batch.Sizes[0], size);
        var boxes = BoxAlgebra.Numbers<float>(found.Boxes);
        var (scores, labels) = (BoxAlgebra.Numbers<float>(found.Scores), BoxAlgebra.Numbers<long>(found.Labels));
        var masks = found.Masks is null ? null : found.Paste(size).gt(Inside).to(ScalarType.Byte).cpu();
        return
        [
            .. scores.Select((score, i) => new FoundObject(
                (int)labels[i], score,
                new(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2] - boxes[4 * i], boxes[4 * i + 3] - boxes[4 * i + 1]), MaskAt(i))),
        ];

        RunMask? MaskAt(int i)
        {
            if (masks is null) return null;
            using var own = masks[i].contiguous();
            return RunMask.Of(image.Height, image.Width, own.data<byte>().ToArray());
        }
    }

    /// <summary>The class of every pixel, row after row.</summary>
    public byte[] Classes(Image image)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var batch = Batch(image);
        var (height, width) = batch.Sizes[0];
        // At the image's own size, without the padding: what is judged are its pixels.
        var logits = network.Segmenter!.Logits(batch.Pixels).narrow(2, 0, height).narrow(3, 0, width);
        return nn.functional.interpolate(
                logits, size: [image.Height, image.Width], mode: InterpolationMode.Bilinear, align_corners: false)
            .argmax(1).to(ScalarType.Byte).cpu().contiguous().data<byte>().ToArray();
    }

    private PaddedImages Batch(Image image)
    {
        var placement = how.Place(image.Width, image.Height, seed: 0, step: 0, image: 0);
        return PaddedImages.Of([placement.Of(image, how.Mean, how.Std).to(device)]);
    }
}
