using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>What a head for dense tasks stands on: a network that gives maps of an image at four scales.</summary>
/// <param name="name">Of the module.</param>
/// <param name="channels">Of C2, C3, C4 and C5.</param>
public abstract class Backbone(string name, IReadOnlyList<long> channels) : Part(name)
{
    /// <summary>Of C2, C3, C4 and C5.</summary>
    public IReadOnlyList<long> Channels { get; } = channels;

    /// <summary>
    /// C2, C3, C4 and C5, each half as high and wide as the one before: images [N, 3, H, W] -> [N, C, H', W'] each. They are the caller's.
    /// </summary>
    public abstract Tensor[] Maps(Tensor images);

    /// <summary>C4 alone: images [N, 3, H, W] -> [N, C, H', W'].</summary>
    public virtual Tensor C4(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Maps(images)[2].MoveToOuterDisposeScope();
    }

    /// <summary>The stages from C4 to C5 on part of a C4 map: [N, C, H, W] -> [N, C', H / 2, W / 2].</summary>
    /// <exception cref="UserException">The network has none that run by themselves.</exception>
    public virtual Tensor C5(Tensor c4) =>
        throw new UserException(
            $"Faster R-CNN C4 takes C5 as its box head, and {GetName()} has no stage from C4 to C5 that runs by itself; take fcos or fpn");
}
