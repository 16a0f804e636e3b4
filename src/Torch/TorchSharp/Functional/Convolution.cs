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
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv2d.Call(input, weight, bias, strides ?? s_ones, padding ?? s_zeros, dilation ?? s_ones, groups);

            public static Tensor conv2d_padding(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null,
                long groups = 1) =>
                Aten.conv2d_padding.Call(input, weight, bias, strides ?? s_ones, padding == Padding.Same ? "same" : "valid", dilation ?? s_ones, groups);

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.Call(input, weights, bias);

            private static long[] Or(long? value, long[] otherwise) => value is { } given ? [given] : otherwise;
        }
    }
}
