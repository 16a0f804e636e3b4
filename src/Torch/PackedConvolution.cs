using DataSsl.Torch.Emitted;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch;

/// <summary>
/// A convolution whose weights do not change, kept as oneDNN lays them out: libtorch lays them out at each call, which takes longer than
/// the convolution where there are few pixels. Where oneDNN does not compute (other devices and types, bfloat16 on a processor without
/// AVX-512, a wish for gradients, a libtorch without it) the convolution is libtorch's own.
/// </summary>
/// <param name="weight">[C', C / groups, kH, kW], any strides; stays the caller's.</param>
public sealed class PackedConvolution(Tensor weight, long[] stride, long[] padding, long groups = 1) : IDisposable
{
    private readonly PackedProduct? product = PackedProduct.For(weight, stride, padding, groups);
    private Tensor? laid;
    private bool isRefused;
    private Tensor? plain;

    /// <summary>[N, C, H, W] -> [N, C', H', W'], channels last.</summary>
    /// <exception cref="ArgumentException">The images have other channels than the weights.</exception>
    public Tensor Of(Tensor x, Tensor? bias)
    {
        if (product is not null && product.Takes(x)) return product.Of(x, bias);
        if (Takes(x))
        {
            // The layout is chosen for the first images; oneDNN lays out anew by itself where others want another.
            laid ??= OneDnnConvolution.Lay(weight, padding, stride, groups, x.shape)?.DetachFromDisposeScope();
            if (laid is not null) return OneDnnConvolution.Run(x, laid, bias, padding, stride, groups);
            isRefused = true;
        }
        return functional.conv2d(x, plain ??= Dense().DetachFromDisposeScope(), bias, stride, padding, groups: groups);
    }

    private bool Takes(Tensor x) =>
        !isRefused && OneDnnConvolution.Takes(x, weight) && !is_grad_enabled() && Aten.IsChannelsLast(x);

    /// <summary>Input channels innermost, as channels-last images want them; of a single pixel any order is that.</summary>
    private Tensor Dense() => weight.shape[2] > 1 ? MemoryFormat.ChannelsLast(weight) : weight.contiguous();

    /// <summary>Frees the weights as they were laid out, not those that were given.</summary>
    public void Dispose()
    {
        product?.Dispose();
        laid?.Dispose();
        plain?.Dispose();
    }
}
