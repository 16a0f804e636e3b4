namespace DataSsl.Kernels;

/// <summary>The passes of layers whose weights are bytes: by products of bytes, or in 32 bits where these are slower.</summary>
internal static class ByteSteps
{
    /// <summary>Pairs of channels whose filters, 144 bytes each, fill more than a second-level cache.</summary>
    private const int Many = 1 << 15;

    /// <summary>A matrix on each of a number of rows: tokens, or the pixels of a 1x1 convolution without stride.</summary>
    /// <param name="takesBytes">The rows are bytes.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public static Step Linear(
        Machine machine, int rows, ByteMatrix weights, Activation activation = Activation.None, bool takesBytes = false,
        Quantisation? output = null) =>
        new ByteLinear(machine, rows, weights, activation, takesBytes, output);

    /// <summary>A convolution with a padding that keeps the side of an odd kernel.</summary>
    /// <param name="takesBytes">The map is bytes.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public static Step Convolution(
        Machine machine, ByteMatrix weights, int side, int kernel, int stride, Activation activation, bool takesBytes = false,
        Quantisation? output = null) =>
        new ByteConvolution(machine, weights, side, kernel, stride, activation, takesBytes, output);

    /// <summary>
    /// A 3x3 convolution with stride 1 that in 32 bits would be filtered minimally, by a quarter of the products: only instructions for
    /// products of bytes do more than that. AVX-512 does as much, and more where the filter's weights, 36 of 32 bits for nine bytes, come
    /// from beyond the second-level cache.
    /// </summary>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public static Step Filtered(Machine machine, ByteMatrix weights, int side, Activation activation, Quantisation? output = null) =>
        (machine.Bits == 512 ? weights.Channels * weights.Columns > Many : ByteSums.HasOwn)
            ? new ByteConvolution(machine, weights, side, 3, 1, activation, takesBytes: false, output)
            : new Winograd(machine, weights.Widened(), weights.Channels, side, activation, output);

    /// <summary>A convolution of each channel by itself: in 32 bits where its map is not bytes, for to make them takes as long.</summary>
    /// <param name="takesBytes">The map is bytes.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay, as they must where the map is none.</param>
    public static Step Depthwise(
        Machine machine, ByteMatrix weights, int side, int kernel, int stride, Activation activation, bool takesBytes = false,
        Quantisation? output = null) =>
        takesBytes
            ? new ByteDepthwise(machine, weights, side, kernel, stride, activation, output)
            : new Depthwise(machine, weights.Widened(), side, kernel, stride, activation);
}
