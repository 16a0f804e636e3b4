using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>What follows a layer in the same pass.</summary>
public enum Activation
{
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,
}

/// <summary>
/// BatchNorm by the statistics of the batch, a sum and an activation as one operation, in two passes over a map where libtorch takes two for the norm and two for each of the others; back likewise.
/// The shim's own (norm.cpp), for channels-last maps on the CPU.
/// </summary>
public static class BatchNorm
{
#if SYSTEM_LIBTORCH
    private static readonly Native.Operator Fused = new("datassl::batch_norm"), FusedInPlace = new("datassl::batch_norm_");

    /// <summary>Whether a tensor is one of the maps that <see cref="Of"/> takes.</summary>
    public static bool Takes(Tensor x) =>
        x.device_type == DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.dim() == 4 && x.numel() > x.shape[1] && MemoryFormat.IsChannelsLast(x);

    /// <summary>activation(norm(x) * scale + shift + added), differentiable.</summary>
    /// <param name="x">[N, C, H, W], see <see cref="Takes"/>.</param>
    /// <param name="scale">[C], in 32 bits.</param>
    /// <param name="shift">[C], in 32 bits.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="activation">Comes last.</param>
    /// <param name="added">A map of the shape and type of x; null for none.</param>
    public static Tensor Of(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added) => Fused.Call(x, scale, shift, added, epsilon, (long)activation);

    /// <summary>The same into x itself, and not differentiable: without gradients only.</summary>
    public static Tensor InPlace(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added) => FusedInPlace.InPlace(x, scale, shift, added, epsilon, (long)activation);
#else
    /// <summary>Whether a tensor is one of the maps that <see cref="Of"/> takes: none is, without the shim.</summary>
    public static bool Takes(Tensor x) => false;

    /// <summary>Not without the shim.</summary>
    /// <exception cref="PlatformNotSupportedException">Always.</exception>
    public static Tensor Of(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added) =>
        throw Missing();

    /// <summary>Not without the shim.</summary>
    /// <exception cref="PlatformNotSupportedException">Always.</exception>
    public static Tensor InPlace(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added) => throw Missing();

    private static PlatformNotSupportedException Missing() => new("the fused BatchNorm is one of the shim's operations; build with -p:TorchBackend=system");
#endif
}
