using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    using static TorchSharp.torch;

    /// <summary>The maximum of each window of [N, C, H, W].</summary>
    public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool2d(long[] kernel_size, long[]? stride, long[]? padding, long[]? dilation, bool ceil_mode) : base(nameof(MaxPool2d))
        {
            (this.kernel_size, this.stride, this.padding) = (kernel_size, stride ?? kernel_size, padding ?? [0, 0]);
            (this.dilation, this.ceil_mode) = (dilation ?? [1, 1], ceil_mode);
        }

        public long[] kernel_size { get; set; }
        public long[] stride { get; set; }
        public long[] padding { get; set; }
        public long[] dilation { get; set; }
        public bool ceil_mode { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);

        public (Tensor output, Tensor indices) forward_with_indices(Tensor input) =>
            nn.functional.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static MaxPool2d MaxPool2d(
                long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new(Square(kernel_size), Square(stride), Square(padding), Square(dilation), ceil_mode);

            public static MaxPool2d MaxPool2d(
                (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                new(Sizes(kernel_size), Sizes(stride), Sizes(padding), Sizes(dilation), ceil_mode);

            public static MaxPool2d MaxPool2d(
                long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                new(kernel_size, stride, padding, dilation, ceil_mode);

            private static long[] Square(long size) => [size, size];
            private static long[]? Square(long? size) => size is { } given ? [given, given] : null;
            private static long[] Sizes((long, long) sizes) => [sizes.Item1, sizes.Item2];
            private static long[]? Sizes((long, long)? sizes) => sizes is { } given ? [given.Item1, given.Item2] : null;
        }
    }
}
