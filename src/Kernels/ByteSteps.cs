namespace DataSsl.Kernels;

/// <summary>The passes of layers whose weights are bytes: by products of bytes, or in 32 bits where these are slower.</summary>
internal static class ByteSteps
{
    /// <summary>With fewer products for each value than that, AVX-512 multiplies values sooner than they are made bytes.</summary>
    private const int Few = 32;

    /// <summary>A matrix on each of a number of rows: tokens, or the pixels of a 1x1 convolution without stride.</summary>
    public static Step Linear(Machine machine, int rows, ByteMatrix weights, Activation activation = Activation.None) =>
        machine.Bits == 512 && weights.Channels < Few
            ? new Linear(machine, rows, weights.Widened(), activation)
            : new ByteLinear(machine, rows, weights, activation);

    /// <summary>A convolution with a padding that keeps the side of an odd kernel.</summary>
    public static Step Convolution(Machine machine, ByteMatrix weights, int side, int kernel, int stride, Activation activation) =>
        new ByteConvolution(machine, weights, side, kernel, stride, activation);

    /// <summary>
    /// A 3x3 convolution with stride 1 that in 32 bits would be filtered minimally, by a quarter of the products: only instructions for
    /// products of bytes do more than that, and AVX-512 does as much.
    /// </summary>
    public static Step Filtered(Machine machine, ByteMatrix weights, int side, Activation activation) =>
        ByteSums.HasOwn && machine.Bits < 512
            ? new ByteConvolution(machine, weights, side, 3, 1, activation)
            : new Winograd(machine, weights.Widened(), weights.Channels, side, activation);
}
