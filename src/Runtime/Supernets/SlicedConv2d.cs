using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>A convolution without bias of which any leading output and input channels can run: W[:out, :in].</summary>
public sealed class SlicedConv2d : ISliced
{
    private readonly ParameterSlot weight;
    private readonly int[] ins;
    private readonly int[] outs;
    private readonly long[] stride;
    private readonly long[] padding;

    internal SlicedConv2d(ParameterStore store, string key, int[] ins, int[] outs, int kernel, int stride)
    {
        (this.ins, this.outs, this.stride, padding) = (ins, outs, [stride, stride], [kernel / 2, kernel / 2]);
        weight = store.Declare($"{key}.weight", [outs[^1], ins[^1], kernel, kernel], Initializer.KaimingFanOut, lowPrecision: true);
    }

    /// <summary>[N, in, H, W] -> [N, out, H', W'].</summary>
    public Tensor forward(Tensor x, int @in, int @out) => functional.conv2d(x, weight.Slice(@out, @in), strides: stride, padding: padding);

    void ISliced.PrecomputeSlices()
    {
        foreach (var @out in outs)
            foreach (var @in in ins)
                weight.Slice(@out, @in);
    }
}
