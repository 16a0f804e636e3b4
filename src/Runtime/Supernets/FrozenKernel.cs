using DataSsl.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>A slice of a frozen store's kernel, laid out once as the convolutions of its images take it.</summary>
/// <param name="view">[C', C, kH, kW] in the flat values.</param>
internal sealed class FrozenKernel(Tensor view) : IDisposable
{
    private readonly FrozenConvolution laid = new();
    private Tensor? copy;

    /// <summary>[N, C, H, W] -> [N, C', H', W'].</summary>
    public Tensor Of(Tensor x, Tensor? bias, long[] stride, long[] padding, long groups) =>
        laid.Of(x, view, bias, [stride[0], stride[1], padding[0], padding[1], 1, 1, groups])
        ?? functional.conv2d(x, copy ??= Packed().DetachFromDisposeScope(), bias, stride, padding, groups: groups);

    /// <summary>Input channels innermost, as channels-last images want them; of a single pixel any order is that.</summary>
    private Tensor Packed() => view.shape[2] > 1 ? MemoryFormat.ChannelsLast(view) : view.contiguous();

    public void Dispose()
    {
        laid.Dispose();
        copy?.Dispose();
        view.Dispose();
    }
}
