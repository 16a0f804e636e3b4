namespace DataSsl.Kernels;

/// <summary>
/// A convolution of a square map with a padding that keeps the side of an odd kernel, as a product: each row is what the kernel sees of a
/// pixel.
/// </summary>
/// <param name="weights">Columns for the output's channels; a row's values lie as [kernel, kernel, channels].</param>
internal sealed unsafe class Convolution(
    Machine machine, Weights.Matrix weights, int channels, int side, int kernel, int stride, Activation activation)
    : Dense(machine, Window.Side(side, kernel, stride) * Window.Side(side, kernel, stride), weights, activation, gathers: true)
{
    private readonly int outSide = Window.Side(side, kernel, stride), padded = Lanes.Padded(channels);

    protected override void Gather(int part, int first, int count, float* target)
    {
        for (var row = first; row < first + count; row++, target += Pitch)
        {
            var (top, left) = (row / outSide * stride - kernel / 2, row % outSide * stride - kernel / 2);
            var to = target;
            for (var y = top; y < top + kernel; y++)
            {
                for (var x = left; x < left + kernel; x++, to += channels)
                {
                    if ((uint)y < (uint)side && (uint)x < (uint)side) Copy.Run(X + ((nint)y * side + x) * padded, to, channels);
                    else new Span<float>(to, channels).Clear();
                }
            }
        }
    }
}
