using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>Memory layouts that TorchSharp has no name for.</summary>
public static class MemoryFormat
{
    /// <summary>
    /// The same tensor of shape [N, C, H, W] with NHWC strides, which convolutions on CPUs and tensor cores prefer. Nothing is copied where
    /// the strides are so already; the result is a new object in either case.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor has not four dimensions.</exception>
    public static Tensor ChannelsLast(Tensor tensor)
    {
        if (tensor.dim() != 4)
            throw new ArgumentException($"Channels-last needs [N, C, H, W]; the tensor has {tensor.dim()} dimensions.");
        using var nhwc = tensor.permute(0, 2, 3, 1);
        using var packed = nhwc.contiguous();
        return packed.permute(0, 3, 1, 2);
    }

    /// <summary>Whether a tensor of shape [N, C, H, W] has NHWC strides.</summary>
    public static bool IsChannelsLast(Tensor tensor) => Aten.IsChannelsLast(tensor);
}
