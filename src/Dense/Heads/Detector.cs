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
}
