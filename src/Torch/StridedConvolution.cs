using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch;

/// <summary>
/// A convolution to be differentiated. Of maps of one pixel oneDNN 3.7 leaves the gradient by the weights of a strided kernel in bfloat16
/// as it finds the memory; where there is but one pixel the stride says nothing, so that such a kernel goes without.
/// </summary>
public static class StridedConvolution
{
    private static readonly long[] s_step = [1, 1];

    /// <summary>The convolution of [N, C, H, W].</summary>
    public static Tensor Of(Tensor x, Tensor kernel, Tensor? bias, long[] stride, long[] padding, long groups = 1) =>
        functional.conv2d(x, kernel, bias, IsOfOnePixel(x, kernel, padding) ? s_step : stride, padding, groups: groups);

    /// <summary>Whether one pixel becomes one, in the middle of the kernel.</summary>
    private static bool IsOfOnePixel(Tensor x, Tensor kernel, long[] padding) =>
        Enumerable.Range(0, 2).All(i => x.shape[2 + i] == 1 && kernel.shape[2 + i] == 2 * padding[i] + 1);
}
