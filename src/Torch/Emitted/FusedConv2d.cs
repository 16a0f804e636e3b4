using TorchSharp;
using TorchSharp.Modules;

namespace DataSsl.Torch.Emitted;

/// <summary>
/// A convolution for inference, with bias, and with the sum and the activation behind it. On the CPU that is one pass of oneDNN, whose
/// weights are laid out once, and anew when they have changed; elsewhere, and where gradients are wanted, TorchSharp's own operators.
/// </summary>
internal sealed class FusedConv2d : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly long[] stride, padding;
    private readonly long groups;
    private readonly string activation;
    private readonly object gate = new();
    private Laid? laid;

    /// <summary>With weights at random, [out, in / groups, kernel, kernel], and a padding that keeps the side of an odd kernel.</summary>
    public FusedConv2d(
        long @in, long @out, long kernel, long stride = 1, long groups = 1, string activation = "none", torch.Device? device = null,
        torch.ScalarType? dtype = null) : base(nameof(FusedConv2d))
    {
        (this.stride, padding, this.groups, this.activation) = ([stride, stride], [kernel / 2, kernel / 2], groups, activation);
        var bound = 1 / Math.Sqrt(@in / groups * kernel * kernel);
        (weight, bias) = (Random(@out, @in / groups, kernel, kernel), Random(@out));
        RegisterComponents();

        Parameter Random(params long[] shape)
        {
            return torch.nn.Parameter(torch.empty(shape, dtype, device).uniform_(-bound, bound));
        }
    }

    /// <summary>activation(convolution(x) + bias): [N, in, H, W] -> [N, out, H', W'].</summary>
    public override torch.Tensor forward(torch.Tensor x) => forward(x, null);

    /// <summary>activation(convolution(x) + bias + added), where what is added is a map [N, out, H', W'], or none.</summary>
    public torch.Tensor forward(torch.Tensor x, torch.Tensor? added)
    {
        using var scope = torch.NewDisposeScope();
        // oneDNN adds to no map of one line or one pixel, nor in bfloat16 to convolutions of channels by themselves.
        var (values, fuses) = (LaidFor(x), added is null || (groups == 1 && added.shape[2] > 1 && added.shape[3] > 1));
        var y = values is null
            ? torch.nn.functional.conv2d(x, weight, bias, stride, padding, groups: groups)
            : OneDnnConvolution.Run(
                x, values, bias, padding, stride, groups, fuses ? added : null, fuses ? activation : "none");
        if (values is null || !fuses)
        {
            if (added is not null) y = y.add_(added);
            y = activation == "relu" ? y.relu_() : activation == "relu6" ? y.relu6_() : y;
        }
        return y.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            laid?.Values?.Dispose();
            weight.Dispose();
            bias.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>The weights as oneDNN wants them; null where it is not to compute.</summary>
    private torch.Tensor? LaidFor(torch.Tensor x)
    {
        var takes = OneDnnConvolution.Takes(x, weight)
            && !(torch.is_grad_enabled() && (x.requires_grad || weight.requires_grad)) && (x.shape[1] == 1 || x.stride(1) == 1);
        if (!takes) return null;
        var writes = OneDnnConvolution.Writes(weight);
        lock (gate)
        {
            if (laid is { } known && known.Weight == weight.Handle && known.Writes == writes) return known.Values;
            laid?.Values?.Dispose();
            // The layout is chosen for the first images; oneDNN lays out anew by itself where others want another.
            laid = new(OneDnnConvolution.Lay(weight, padding, stride, groups, x.shape)?.DetachFromDisposeScope(), weight.Handle, writes);
            return laid.Values;
        }
    }

    /// <summary>What was made of the weights as they were; no values where oneDNN does not take them.</summary>
    private sealed record Laid(torch.Tensor? Values, nint Weight, long Writes);
}
