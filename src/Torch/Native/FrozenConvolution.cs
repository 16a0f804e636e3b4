using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch.Native;

/// <summary>A convolution's weights as oneDNN lays them out, kept from call to call (native/convolution.cpp).</summary>
internal sealed unsafe class FrozenConvolution() : SafeHandle(Shim.dsl_frozen_new(), ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>The convolution; null where libtorch has to compute it, which every kind of tensors may be.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[C', C / groups, kH, kW].</param>
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
