using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers;

/// <summary>1x1 convolutions of channels-last maps.</summary>
internal static class Pointwise
{
    /// <summary>
    /// [N, C, H, W] by a kernel [C', C, 1, 1]. In bfloat16 as a matrix product, which is faster, back too. In 32 bits by oneDNN, but for
    /// what it crashes on with AVX-512 (libtorch 2.10): it overruns its buffers on strides, so that the pixels are taken before, and
    /// divides by zero where both sides are multiples of 256 channels, which go the other way.
    /// </summary>
    public static Tensor Convolve(Tensor x, Tensor kernel, Tensor? bias, long stride)
    {
        if (stride > 1) x = x.slice(2, 0, x.shape[2], stride).slice(3, 0, x.shape[3], stride);
        if (x.dtype == ScalarType.Float32 && (kernel.shape[0] % 256 != 0 || kernel.shape[1] % 256 != 0))
            return functional.conv2d(x, kernel, bias);
        return functional.linear(x.permute(0, 2, 3, 1), kernel.flatten(1), bias).permute(0, 3, 1, 2);
    }
}
