using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Step;

/// <summary>A convolution that uses the leading output channels that were set and as many input channels as arrive.</summary>
internal sealed class DynamicConv2d : Module<Tensor, Tensor>
{
    private readonly bool channelsLast;
    private readonly bool pointwise;
    private readonly long[] stride;
    private readonly long[] padding;
    private readonly Parameter weight;

    public DynamicConv2d(Style style, int inputs, int outputs, int kernel, int stride, Device device) : base(nameof(DynamicConv2d))
    {
        (this.stride, padding, Outputs) = ([stride, stride], [kernel / 2, kernel / 2], outputs);
        // With channels innermost in the parameter too, its slices and their gradients lie as convolutions want them. A 1x1 kernel's do
        // anyway, and oneDNN overruns its buffers on permuted ones.
        channelsLast = style.ChannelsLast && kernel > 1;
        pointwise = style.ChannelsLast && kernel == 1;
        long[] shape = channelsLast ? [outputs, kernel, kernel, inputs] : [outputs, inputs, kernel, kernel];
        using var scope = NewDisposeScope();
        weight = new(
            randn(shape, device: device).mul_(Math.Sqrt(2.0 / (outputs * kernel * kernel))).to(style.Compute, copy: true)
                .MoveToOuterDisposeScope());
        RegisterComponents();
    }

    /// <summary>Output channels in use.</summary>
    public long Outputs { get; set; }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var slice = Leading.Of(Leading.Of(weight, 0, Outputs), channelsLast ? 3 : 1, x.shape[1]);
        if (channelsLast) slice = slice.permute(0, 3, 1, 2);
        if (pointwise) return Pointwise.Convolve(x, slice, null, stride[0]).MoveToOuterDisposeScope();
        return functional.conv2d(x, slice, strides: stride, padding: padding).MoveToOuterDisposeScope();
    }
}
