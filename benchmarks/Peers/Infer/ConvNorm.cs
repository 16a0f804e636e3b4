using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Infer;

/// <summary>What follows a BatchNorm.</summary>
internal enum Activation
{
    None,
    Relu,
    Relu6,
}

/// <summary>
/// Convolution, BatchNorm by running statistics, activation: one after the other, or with BatchNorm folded into the kernel by hand.
/// </summary>
internal sealed class ConvNorm
{
    private const double Epsilon = 1e-5;

    private readonly long[] stride;
    private readonly long[] padding;
    private readonly long groups;
    private readonly Activation activation;
    private readonly (Tensor Weight, Tensor Bias, Tensor Mean, Tensor Variance)? norm;
    private readonly Tensor? bias;
    private Tensor kernel;
    private bool channelsLast;

    /// <param name="weights">Gives a named parameter of a shape.</param>
    /// <param name="conv">The convolution's name in torchvision's state dict.</param>
    /// <param name="bn">The BatchNorm's.</param>
    public ConvNorm(
        Func<string, long[], Tensor> weights, NetworkStyle style, string conv, string bn, int inputs, int outputs, int size, int stride,
        Activation activation, int groups = 1)
    {
        (this.stride, padding, this.groups, this.activation) = ([stride, stride], [size / 2, size / 2], groups, activation);
        kernel = weights($"{conv}.weight", [outputs, inputs / groups, size, size]);
        var (weight, shift, mean, variance) = (weights($"{bn}.weight", [outputs]), weights($"{bn}.bias", [outputs]),
            weights($"{bn}.running_mean", [outputs]), weights($"{bn}.running_var", [outputs]));
        if (style.Folded)
        {
            var scale = weight / (variance + Epsilon).sqrt();
            kernel = (kernel * scale.view(-1, 1, 1, 1)).to(style.Compute);
            bias = (shift - mean * scale).to(style.Compute);
        }
        else
        {
            kernel = kernel.to(style.Compute);
            norm = (weight, shift, mean, variance);
        }
    }

    /// <summary>Lays the kernel as maps of that order want it.</summary>
    public void Lay(bool channelsLast)
    {
        this.channelsLast = channelsLast;
        // A 1x1 kernel lies the same in both, and oneDNN overruns its buffers on permuted ones.
        if (kernel.shape[3] == 1) return;
        using var scope = NewDisposeScope();
        kernel = (channelsLast ? kernel.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : kernel.contiguous())
            .MoveToOuterDisposeScope();
    }

    /// <summary>[N, C, H, W] -> the same; what is added comes before the activation.</summary>
    public Tensor Forward(Tensor x, Tensor? add = null)
    {
        var y = channelsLast && kernel.shape[3] == 1
            ? Pointwise.Convolve(x, kernel, bias, stride[0])
            : functional.conv2d(x, kernel, bias, stride, padding, groups: groups);
        if (norm is var (weight, shift, mean, variance))
            y = functional.batch_norm(y, mean, variance, weight, shift, training: false, eps: Epsilon);
        if (add is not null) y.add_(add);
        return activation switch { Activation.Relu => y.relu_(), Activation.Relu6 => functional.relu6(y, inplace: true), _ => y };
    }
}
