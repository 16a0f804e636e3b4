using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// A convolution of each channel by itself, without bias: any leading channels, and the centre of the largest kernel (Once-for-All, Cai et
/// al. 2020).
/// </summary>
public sealed class SlicedDepthwiseConv2d : ISliced
{
    private readonly Supernet net;
    private readonly ParameterSlot weight;
    private readonly int[] channels;
    private readonly int[] kernels;
    private readonly long[] stride;

    internal SlicedDepthwiseConv2d(Supernet net, ParameterStore store, string key, int[] channels, int[] kernels, int stride)
    {
        (this.net, this.channels, this.kernels, this.stride) = (net, channels, kernels, [stride, stride]);
        weight = store.Declare(
            $"{key}.weight", [channels[^1], 1, kernels[^1], kernels[^1]], Initializer.KaimingFanOut, lowPrecision: true, depthwise: true);
    }

    /// <summary>[N, C, H, W] -> [N, C, H', W'] with a kernel of k x k.</summary>
    public Tensor forward(Tensor x, int c, int k)
    {
        if (net.Relaxation is not { } relaxation)
            return ImageParts.Run(x, net.ImagesAtOnce, part => weight.Convolve(part, (c, 1, k), null, stride, [k / 2, k / 2], groups: c));
        using var scope = NewDisposeScope();
        var kernel = relaxation.OfRings(weight, weight.Slice(c, 1, k));
        return StridedConvolution.Of(x, kernel, null, stride, [k / 2, k / 2], groups: c).MoveToOuterDisposeScope();
    }

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels)
            foreach (var k in kernels)
                weight.Prepare(c, 1, k);
    }
}
