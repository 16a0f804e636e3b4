namespace DataSsl.Kernels;

/// <summary>The first convolution: it reads the image [C, H, W] as it comes. Also cuts it into patches, with a stride of the kernel's side and no padding.</summary>
/// <param name="weights">Columns for the output's channels; a row's values lie as [channels, kernel, kernel].</param>
internal sealed unsafe class ImageConvolution(Machine machine, Weights.Matrix weights, int channels, int side, int kernel, int stride, int padding, Activation activation)
    : Dense(machine, Side(side, kernel, stride, padding) * Side(side, kernel, stride, padding), weights, activation, gathers: true)
{
    private readonly int outSide = Side(side, kernel, stride, padding), length = kernel * kernel * channels;

    private static int Side(int side, int kernel, int stride, int padding) => (side + 2 * padding - kernel) / stride + 1;

    protected override void Gather(int first, int count, float* target)
    {
        for (var row = first; row < first + count; row++, target += length)
        {
            var (top, left) = (row / outSide * stride - padding, row % outSide * stride - padding);
            var (start, end) = (Math.Max(0, -left), Math.Min(kernel, side - left));
            var to = target;
            for (var c = 0; c < channels; c++)
            {
                for (var y = top; y < top + kernel; y++, to += kernel)
                {
                    var line = X + ((nint)c * side + y) * side + left;
                    if ((uint)y >= (uint)side) new Span<float>(to, kernel).Clear();
                    else if (end - start == kernel) Copy.Run(line, to, kernel);
                    else
                        for (var x = 0; x < kernel; x++)
                            to[x] = x >= start && x < end ? line[x] : 0;
                }
            }
        }
    }
}
