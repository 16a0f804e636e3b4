namespace DataSsl.Kernels;

/// <summary>
/// A convolution in bytes of a square map with a padding that keeps the side of an odd kernel, as a product: each row is what the kernel
/// sees of a pixel.
/// </summary>
/// <remarks>
/// The lines of the map that a block of rows sees lie as bytes once, with the padding around them, and the rows are copied from there.
/// </remarks>
internal sealed unsafe class ByteConvolution : ByteProduct
{
    private readonly Floats[] lines;
    private readonly int side, outSide, kernel, stride, padded;
    private readonly bool takesBytes;

    /// <param name="weights">A row's values lie as [kernel, kernel, channels].</param>
    /// <param name="takesBytes">The map is bytes; otherwise it becomes so as rows are gathered.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public ByteConvolution(
        Machine machine, ByteMatrix weights, int side, int kernel, int stride, Activation activation, bool takesBytes = false,
        Quantisation? output = null)
        : base(machine, Window.Side(side, kernel, stride) * Window.Side(side, kernel, stride), weights, activation, gathers: true, output)
    {
        (this.side, this.kernel, this.stride, this.takesBytes) = (side, kernel, stride, takesBytes);
        (outSide, padded) = (Window.Side(side, kernel, stride), Lanes.Padded(Channels));
        lines = new Floats[kernel == 1 ? 0 : machine.Threads];
        var most = Math.Min((Block + outSide - 2) / outSide * stride, (outSide - 1) * stride) + kernel;
        for (var i = 0; i < lines.Length; i++) lines[i] = new(most * Line / ByteSums.Group + Quantisation.Step);
    }

    /// <summary>Bytes of a line with its padding.</summary>
    private int Line => (side + kernel - 1) * Bytes;

    protected override void Gather(int part, int first, int count, float* target)
    {
        if (kernel == 1)
        {
            for (var row = first; row < first + count; row++, target += Pitch)
                Pixels((row / outSide * side + row % outSide) * stride, 1, (byte*)target);
            return;
        }
        var bytes = (byte*)lines[part].Pointer;
        var top = first / outSide * stride;
        Quantise(top, (first + count - 1) / outSide * stride + kernel, bytes);
        var seen = kernel * Bytes;
        for (var row = first; row < first + count; row++, target += Pitch)
        {
            var from = bytes + (nint)(row / outSide * stride - top) * Line + (nint)(row % outSide * stride) * Bytes;
            var to = (byte*)target;
            for (var y = 0; y < kernel; y++, from += Line, to += seen) new ReadOnlySpan<byte>(from, seen).CopyTo(new(to, seen));
        }
    }

    /// <summary>Lines of the map with its padding, whose byte is that of 0.</summary>
    private void Quantise(int first, int end, byte* target)
    {
        var (pad, pitch) = (kernel / 2, Bytes);
        for (var y = first - pad; y < end - pad; y++, target += Line)
        {
            if ((uint)y >= (uint)side)
            {
                new Span<byte>(target, Line).Fill(Input.Zero);
                continue;
            }
            var to = target + pad * pitch;
            Pixels(y * side, side, to);
            // What was written beyond the last pixel lies there.
            new Span<byte>(target, pad * pitch).Fill(Input.Zero);
            new Span<byte>(to + side * pitch, pad * pitch).Fill(Input.Zero);
        }
    }

    /// <summary>Pixels of the map, side by side.</summary>
    private void Pixels(int first, int count, byte* target)
    {
        if (padded == Bytes)
        {
            if (takesBytes) new ReadOnlySpan<byte>((byte*)X + (nint)first * padded, count * padded).CopyTo(new(target, count * padded));
            else Input.Quantise(X + (nint)first * padded, target, count * padded);
            return;
        }
        for (var i = first; i < first + count; i++, target += Bytes)
            if (takesBytes) new ReadOnlySpan<byte>((byte*)X + (nint)i * padded, Bytes).CopyTo(new(target, Bytes));
            else Input.Quantise(X + (nint)i * padded, target, Channels);
    }
}
