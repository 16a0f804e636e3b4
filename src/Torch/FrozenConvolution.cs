using TorchSharp;
using static TorchSharp.torch;
#if SYSTEM_LIBTORCH
using System.Runtime.InteropServices;
using DataSsl.Torch.Native;
#endif

namespace DataSsl.Torch;

/// <summary>
/// A convolution's weights as oneDNN lays them out for the images at hand, kept from call to call: libtorch lays them out at each, which takes longer than the convolution where there are few pixels.
/// Weights that change are laid out anew. The shim's own (native/convolution.cpp), on the CPU.
/// </summary>
#if SYSTEM_LIBTORCH
public sealed unsafe class FrozenConvolution() : SafeHandle(Shim.dsl_frozen_new(), ownsHandle: true)
{
    /// <summary>Whether there is nothing to keep: the shim was built without oneDNN.</summary>
    public override bool IsInvalid => handle == 0;

    /// <summary>The convolution, [N, C', H', W']; null where libtorch has to compute it, as it can for any tensors.</summary>
    /// <param name="input">[N, C, H, W], channels last, of 32 bits or bfloat16.</param>
    /// <param name="weight">[C', C / groups, kH, kW], any strides.</param>
    /// <param name="bias">[C'] or null.</param>
    /// <param name="window">Strides, paddings, dilations (two each) and groups.</param>
    public Tensor? Of(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> window)
    {
        if (IsInvalid) return null;
        nint result = 0;
        fixed (long* sizes = window)
        {
            var taken = Shim.Check(Shim.dsl_frozen_convolution(handle, input.Handle, weight.Handle, bias?.Handle ?? 0, sizes, &result), "conv2d");
            GC.KeepAlive(input);
            GC.KeepAlive(weight);
            GC.KeepAlive(bias);
            GC.KeepAlive(this);
            return taken == 1 ? new Tensor(result) : null;
        }
    }

    protected override bool ReleaseHandle()
    {
        Shim.dsl_frozen_free(handle);
        return true;
    }
}
#else
public sealed class FrozenConvolution : IDisposable
{
    /// <summary>Null: without the shim libtorch computes all.</summary>
    public Tensor? Of(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> window) => null;

    /// <summary>Nothing is kept.</summary>
    public void Dispose() { }
}
#endif
