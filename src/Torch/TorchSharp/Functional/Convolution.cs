using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly long[] s_one = [1], s_zero = [0], s_ones = [1, 1], s_zeros = [0, 0];

            public static Tensor conv1d(
                Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Aten.conv1d.Call(input, weight, bias, Or(stride, s_one), Or(padding, s_zero), Or(dilation, s_one), groups);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                // oneDNN 2.6 and 2.7 (libtorch 1.13's) overrun their buffers in the backward pass of a strided 1x1 convolution of channels-last images where the channels are no multiple of 16.
                // Without the pixels that it skips it is the same convolution with no stride.
                var isPixel = strides is [> 1, _] or [_, > 1] && padding is null or [0, 0] && weight.dim() == 4 && weight.shape is [.., 1, 1] && input.is_cpu() && is_grad_enabled();
                if (!isPixel) return Aten.conv2d.Call(input, weight, bias, strides ?? s_ones, padding ?? s_zeros, dilation ?? s_ones, groups);
                using var rows = input.slice(-2, 0, input.shape[^2], strides![0]);
                using var kept = rows.slice(-1, 0, input.shape[^1], strides[1]);
                return Aten.conv2d.Call(kept, weight, bias, s_ones, s_zeros, s_ones, groups);
            }

            public static Tensor conv2d_padding(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null,
                long groups = 1) =>
                Aten.conv2d_padding.Call(input, weight, bias, strides ?? s_ones, padding == Padding.Same ? "same" : "valid", dilation ?? s_ones, groups);

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.Call(input, weights, bias);

            private static long[] Or(long? value, long[] otherwise) => value is { } given ? [given] : otherwise;
        }
    }
}
