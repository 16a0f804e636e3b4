using DataSsl.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>LayerNorm over any leading channels: scale[:c], shift[:c].</summary>
public sealed class SlicedLayerNorm : ISliced
{
    /// <summary>What is added to a variance.</summary>
    public const double Epsilon = NormEpsilon.Layer;

    private readonly Supernet net;
    private readonly int[] channels;
    private readonly ParameterSlot scale;
    private readonly ParameterSlot shift;

    // In the compute type, as the input must be of the parameters' type; its sums are 32-bit all the same.
    internal SlicedLayerNorm(Supernet net, ParameterStore store, string key, int[] channels)
    {
        (this.net, this.channels) = (net, channels);
        scale = store.Declare($"{key}.weight", [channels[^1]], Initializer.Ones, lowPrecision: true);
        shift = store.Declare($"{key}.bias", [channels[^1]], Initializer.Zeros, lowPrecision: true);
    }

    /// <summary>[N, T, C] -> the same.</summary>
    public Tensor forward(Tensor x, int c)
    {
        using var scope = NewDisposeScope();
        var (factors, offsets) = (scale.Slice(c), shift.Slice(c));
        var y = net.Relaxation?.OfChannels(scale) is { } shares
            ? Weighted(x, shares, factors, offsets)
            : functional.layer_norm(x, [c], factors, offsets, Epsilon);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>The same with mean and variance of channels that are each worth a share.</summary>
    private static Tensor Weighted(Tensor x, Tensor shares, Tensor scale, Tensor shift)
    {
        using var scope = NewDisposeScope();
        var (values, weights) = (x.to(ScalarType.Float32), shares / shares.sum());
        var centred = values - (values * weights).sum(-1, keepdim: true);
        var spread = ((centred * centred * weights).sum(-1, keepdim: true) + Epsilon).sqrt();
        return (centred / spread * scale + shift).to(x.dtype).MoveToOuterDisposeScope();
    }

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels)
        {
            scale.Prepare(c);
            shift.Prepare(c);
        }
    }
}
