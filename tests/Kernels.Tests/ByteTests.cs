using System.Runtime.Intrinsics;

namespace DataSsl.Kernels.Tests;

/// <summary>Products of bytes against plain loops in whole numbers, to the last bit, in every vector width.</summary>
public sealed unsafe class ByteTests
{
    public static TheoryData<int, int> Machines => ConvolutionTests.Machines;

    [Theory, MemberData(nameof(Machines))]
    public void Pointwise(int bits, int threads)
    {
        foreach (var (channels, columns, side) in new[] { (3, 5, 3), (16, 16, 4), (24, 40, 7), (40, 72, 1), (130, 33, 6), (512, 64, 2) })
            Compare(
                bits, threads, channels, columns, side, kernel: 1, stride: 1, Activation.Relu6,
                (machine, weights) => new ByteLinear(machine, side * side, weights, Activation.Relu6));
    }

    [Theory, MemberData(nameof(Machines))]
    public void OfWhatAKernelSees(int bits, int threads)
    {
        foreach (var (channels, columns, side, kernel, stride) in
            new[]
            {
                (3, 5, 9, 3, 2),
                (20, 17, 8, 3, 1),
                (16, 32, 7, 1, 2),
                (9, 20, 11, 5, 2),
                (33, 12, 2, 7, 1),
                (64, 64, 40, 3, 1),
                (32, 48, 61, 3, 2),
            })
            Compare(
                bits, threads, channels, columns, side, kernel, stride, Activation.Relu,
                (machine, weights) => new ByteConvolution(machine, weights, side, kernel, stride, Activation.Relu));
    }

    /// <summary>The farthest sums: every byte and every weight at its largest, of either sign.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Largest(int bits, int threads)
    {
        const int channels = 2048, columns = 32;
        using var machine = new Machine(threads, bits);
        sbyte[] values = [.. Enumerable.Range(0, columns * channels).Select(i => (sbyte)(i / channels % 2 == 0 ? 63 : -63))];
        var weights = new ByteMatrix(values, channels, Filled(columns, 1), new float[columns], new(1, 0));
        var (x, y) = (new Floats(Filled(channels, 255), channels), new Floats(columns));
        new ByteLinear(machine, 1, weights).Run(x.Pointer, y.Pointer);
        for (var c = 0; c < columns; c++) Assert.Equal((c % 2 == 0 ? 63 : -63) * 255 * channels, y.Span[c]);
    }

    /// <summary>By products of bytes or in 32 bits, whichever is faster: the weights are the same, and so nearly is the result.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Either_way(int bits, int threads)
    {
        using var machine = new Machine(threads, bits);
        foreach (var (channels, columns, side, kernel) in new[] { (24, 40, 12, 1), (48, 40, 12, 1), (24, 40, 12, 3) })
        {
            var random = new Random(7);
            sbyte[] values = [.. Enumerable.Range(0, columns * channels * kernel * kernel).Select(_ => (sbyte)random.Next(-63, 64))];
            var weights = new ByteMatrix(values, channels, Filled(columns, 1f / 63), Maps.Random(columns, 9), new(2f / 255, 128));
            var (x, y) = (Maps.Pixels(Maps.Random(channels * side * side, 3), channels), new Floats(side * side * Lanes.Padded(columns)));
            var step = kernel == 1
                ? ByteSteps.Linear(machine, side * side, weights)
                : ByteSteps.Filtered(machine, weights, side, Activation.None);
            step.Run(x.Pointer, y.Pointer);
            var expected = Reference.Convolution(
                Maps.Planes(x, channels), weights.Widened(), channels, side, kernel, stride: 1, padding: kernel / 2);
            // Each value is off by half of a step at the most, and the errors of a sum mostly cancel.
            var farthest = 0.5 * weights.Input.Scale * Math.Sqrt(channels * kernel * kernel) * 3;
            Maps.AssertClose(expected, y, columns, farthest / expected.Max(Math.Abs));
        }
    }

    [Fact]
    public void Values_become_the_nearest_byte()
    {
        var range = new Quantisation(0.25f, 100);
        float[] values = [-1000, -25.2f, -25, -24.9f, -0.126f, -0.124f, 0, 0.124f, 0.126f, 1, 38.7f, 38.75f, 38.9f, 39, 1e20f, 0.25f];
        byte[] expected = [0, 0, 0, 0, 99, 100, 100, 100, 101, 104, 255, 255, 255, 255, 255, 101];
        var bytes = new byte[16];
        fixed (float* source = values)
        fixed (byte* target = bytes)
            range.Quantise(source, target, values.Length);
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Shifts_do_what_instructions_do()
    {
        var random = new Random(5);
        for (var i = 0; i < 1000; i++)
        {
            var (bytes, weights) = (new byte[16], new sbyte[16]);
            random.NextBytes(bytes);
            for (var k = 0; k < 16; k++) weights[k] = (sbyte)random.Next(-128, 128);
            var actual = ByteSums128.Products(Vector128.Create(bytes).AsInt32(), Vector128.Create(weights).AsInt32());
            for (var c = 0; c < 4; c++) Assert.Equal(Enumerable.Range(4 * c, 4).Sum(k => bytes[k] * weights[k]), actual[c]);
        }
    }

    private static float[] Filled(int count, float value)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }

    private static void Compare(
        int bits, int threads, int channels, int columns, int side, int kernel, int stride, Activation activation,
        Func<Machine, ByteMatrix, Step> step)
    {
        using var machine = new Machine(threads, bits);
        var random = new Random(7);
        var (range, length) = (new Quantisation(2f / 255, 101), channels * kernel * kernel);
        sbyte[] values = [.. Enumerable.Range(0, columns * length).Select(_ => (sbyte)random.Next(-63, 64))];
        var weights = new ByteMatrix(values, channels, Maps.Random(columns, 8), Maps.Random(columns, 9), range);
        var outSide = (side + 2 * (kernel / 2) - kernel) / stride + 1;
        var (planes, more) = (Maps.Random(channels * side * side, 3), Maps.Random(columns * outSide * outSide, 6));
        var (x, added, y) = (Maps.Pixels(planes, channels), Maps.Pixels(more, columns),
            new Floats(outSide * outSide * Lanes.Padded(columns)));
        y.Span.Fill(float.NaN);
        step(machine, weights).Run(x.Pointer, y.Pointer, added.Pointer);
        int[] bytes = [.. planes.Select(v => (int)Math.Clamp(MathF.Floor(v * (1 / range.Scale) + 101.5f), 0, 255) - 101)];
        var expected = new double[columns * outSide * outSide];
        for (var i = 0; i < expected.Length; i++)
        {
            var (o, row, column, sum) = (i / (outSide * outSide), i % (outSide * outSide) / outSide * stride - kernel / 2,
                i % outSide * stride - kernel / 2, 0);
            for (var k = 0; k < length; k++)
            {
                var (ky, kx, c) = (row + k / channels / kernel, column + k / channels % kernel, k % channels);
                if ((uint)ky < (uint)side && (uint)kx < (uint)side) sum += bytes[(c * side + ky) * side + kx] * values[o * length + k];
            }
            var value = sum * (weights.Scales[o] * range.Scale) + weights.Bias[o] + more[i];
            expected[i] = activation == Activation.Relu6 ? Math.Clamp(value, 0, 6) : Math.Max(0, value);
        }
        Maps.AssertClose(expected, y, columns, tolerance: 0);
    }
}
