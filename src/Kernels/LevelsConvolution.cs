namespace DataSsl.Kernels;

/// <summary>
/// One 3x3 convolution of several square maps of a width, which lie one after the other: its weights are there once, and pass once.
/// </summary>
/// <param name="weights">[O, C, 3, 3] as <see cref="Weights.Matrix.ChannelsLast"/> gives them.</param>
internal sealed unsafe class LevelsConvolution(Machine machine, Weights.Matrix weights, int channels, int[] sides)
    : Dense(machine, Positions(sides), weights, Activation.None, gathers: true)
{
    private const int Kernel = 3;

    private readonly int padded = Lanes.Padded(channels);

    /// <summary>Of all maps.</summary>
    public static int Positions(int[] sides)
    {
        var sum = 0;
        foreach (var side in sides) sum += side * side;
        return sum;
    }

    protected override void Gather(int part, int first, int count, float* target)
    {
        var (level, start) = (0, 0);
        for (var row = first; row < first + count; row++, target += Pitch)
        {
            while (row >= start + sides[level] * sides[level]) start += sides[level] * sides[level++];
            var side = sides[level];
            var (top, left) = ((row - start) / side - 1, (row - start) % side - 1);
            var to = target;
            for (var y = top; y < top + Kernel; y++)
                for (var x = left; x < left + Kernel; x++, to += channels)
                {
                    if ((uint)y < (uint)side && (uint)x < (uint)side)
                        Copy.Run(X + ((nint)start + y * side + x) * padded, to, channels);
                    else new Span<float>(to, channels).Clear();
                }
        }
    }
}
