using DataSsl.Runtime.Norms;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>BatchNorm over any leading channels: scale[:c], shift[:c].</summary>
/// <remarks>
/// It keeps no running statistics: those of a supernet would mix all architectures. Training and scoring use the batch's; a network that is
/// to be used by itself has its own, gathered by <see cref="NormStatistics"/> (US-Nets, Yu and Huang 2019).
/// </remarks>
public sealed class SlicedBatchNorm2d : ISliced
{
    /// <summary>What is added to a variance.</summary>
    public const double Epsilon = Norm.Epsilon;

    private readonly Supernet net;
    private readonly string key;
    private readonly int[] channels;
    private readonly ParameterSlot scale;
    private readonly ParameterSlot shift;

    internal SlicedBatchNorm2d(Supernet net, ParameterStore store, string key, int[] channels)
    {
        (this.net, this.key, this.channels) = (net, key, channels);
        scale = store.Declare($"{key}.weight", [channels[^1]], Initializer.Ones);
        shift = store.Declare($"{key}.bias", [channels[^1]], Initializer.Zeros);
    }

    /// <summary>
    /// [N, C, H, W] -> the same: normalised as the network does at present, then the sum with another map where one is given, then the
    /// activation.
    /// </summary>
    public Tensor forward(Tensor x, int c, Activation activation = Activation.None, Tensor? add = null) =>
        net.Norm.Of(key, x, scale.Slice(c), shift.Slice(c), activation, add);

    /// <summary>Its leading scales and shifts, each [C]: views of the weights.</summary>
    internal (Tensor Scale, Tensor Shift) Weights(int c) => (scale.SliceOf([c]), shift.SliceOf([c]));

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels)
        {
            scale.Prepare(c);
            shift.Prepare(c);
        }
    }
}
