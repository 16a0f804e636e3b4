namespace DataSsl.Kernels;

/// <summary>
/// The first convolution: it reads the image [C, H, W] as it comes. Also cuts it into patches, with a stride of the kernel's side and no
/// padding.
/// </summary>
/// <param name="weights">Columns for the output's channels; a row's values lie as [channels, kernel, kernel].</param>
/// <param name="output">The bytes that values are stored as; null where they stay.</param>
internal sealed unsafe class ImageConvolution(
    Machine machine, Weights.Matrix weights, int channels, int side, int kernel, int stride, int padding, Activation activation,
    Quantisation? output = null)
    : Dense(
        machine, Window.Side(side, kernel, stride, padding) * Window.Side(side, kernel, stride, padding), weights.In(output), activation,
        gathers: true, output)
{
    private readonly int outSide = Window.Side(side, kernel, stride, padding);

    /// <summary>Line by line of the kernel, so that what a line needs to know is found once for a row of pixels.</summary>
    protected override void Gather(int part, int first, int count, float* target)
    {
        for (int row = first, next; row < first + count; row = next)
        {
            next = Math.Min(first + count, (row / outSide + 1) * outSide);
            var (top, to) = (row / outSide * stride - padding, (nint)(target + (nint)(row - first) * Pitch));
            for (var c = 0; c < channels; c++)
                for (var y = top; y < top + kernel; y++, to += kernel * sizeof(float))
                    Line(X + ((nint)c * side + y) * side, (uint)y < (uint)side, row % outSide, next - row, (float*)to);
        }
    }

    /// <summary>One line of the kernel for a number of pixels side by side.</summary>
    private void Line(float* line, bool exists, int x, int count, float* target)
    {
        var (end, pitch) = (x + count, Pitch);
        // Between them a pixel needs no column beyond the image.
        var inner = Math.Min(end, exists ? Math.Max(x, (padding + stride - 1) / stride) : end);
        var outer = Math.Min(end, exists ? Math.Max(inner, (side - kernel + padding) / stride + 1) : end);
        for (; x < inner; x++, target += pitch) Border(line, exists, x * stride - padding, target);
        line += x * stride - padding;
        if (kernel <= Lanes128.Width)
            for (; x < outer; x++, line += stride, target += pitch) Lanes128.Load(line).Store(target);
        else
            for (; x < outer; x++, line += stride, target += pitch) Copy.Run(line, target, kernel);
        line -= x * stride - padding;
        for (; x < end; x++, target += pitch) Border(line, exists, x * stride - padding, target);
    }

    private void Border(float* line, bool exists, int left, float* target)
    {
        for (var k = 0; k < kernel; k++) target[k] = exists && (uint)(left + k) < (uint)side ? line[left + k] : 0;
    }
}
