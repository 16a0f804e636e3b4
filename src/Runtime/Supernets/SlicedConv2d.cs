using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>A convolution without bias of which any leading output and input channels can run: W[:out, :in].</summary>
public sealed class SlicedConv2d : ISliced
{
    /// <summary>
    /// Of fewer channels than a vector has values, oneDNN (2.7 to 3.7) writes beyond its memory for a strided 1x1 kernel's gradient, and on
    /// AVX2 gets it wrong.
    /// </summary>
    private const int FewestStrided = 16;

    private readonly Supernet? net;
    private readonly ParameterSlot weight;
    private readonly int[] ins;
    private readonly int[] outs;
    private readonly long[] stride;
    private readonly long[] padding;

    internal SlicedConv2d(Supernet? net, ParameterStore store, string key, int[] ins, int[] outs, int kernel, int stride)
    {
        (this.net, this.ins, this.outs, this.stride, padding) = (net, ins, outs, [stride, stride], [kernel / 2, kernel / 2]);
        weight = store.Declare($"{key}.weight", [outs[^1], ins[^1], kernel, kernel], Initializer.KaimingFanOut, lowPrecision: true);
    }

    /// <summary>[N, in, H, W] -> [N, out, H', W'].</summary>
    public Tensor forward(Tensor x, int @in, int @out)
    {
        var relaxation = net?.Relaxation;
        if (!is_grad_enabled() && relaxation is null)
            return ImageParts.Run(x, net?.ImagesAtOnce, part => weight.Convolve(part, (@out, @in, 0), null, stride, padding));
        using var scope = NewDisposeScope();
        var kernel = weight.Slice(@out, @in);
        if (relaxation is not null) kernel = relaxation.OfInputs(weight, kernel);
        var isProduct = padding[0] == 0 && x.device_type == DeviceType.CPU
            && (x.dtype != ScalarType.Float32 || (stride[0] > 1 && @in < FewestStrided));
        return (isProduct ? Product(x, kernel) : StridedConvolution.Of(x, kernel, null, stride, padding)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A 1x1 convolution to be differentiated on the CPU, as a matrix product of the pixels: where oneDNN is not to be trusted with its
    /// gradient, and in low precision always, where the gradient by the weights took a third of the time that oneDNN 2.6 and 2.7 took for
    /// the convolution's. The product of a slice that lies row by row takes a third of the time of one whose rows lie apart, and the copy
    /// next to nothing.
    /// </summary>
    private Tensor Product(Tensor x, Tensor kernel)
    {
        using var scope = NewDisposeScope();
        var pixels = x.permute(0, 2, 3, 1);
        if (stride[0] > 1) pixels = pixels.slice(1, 0, x.shape[2], stride[0]).slice(2, 0, x.shape[3], stride[1]);
        return functional.linear(pixels, kernel.flatten(1).contiguous()).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    void ISliced.PrecomputeSlices()
    {
        foreach (var @out in outs)
            foreach (var @in in ins)
                weight.Prepare(@out, @in);
    }
}
