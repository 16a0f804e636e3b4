using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Kernels.Tests;

/// <summary>Products of bytes against plain loops in whole numbers, to the last bit, in every vector width.</summary>
public sealed unsafe class ByteTests
{
    /// <summary>What stands beyond the channels of a map of bytes: no result may depend on it.</summary>
    private const byte Beyond = 171;

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

    /// <summary>Of bytes, and to the bytes of the next layer.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void From_bytes_to_bytes(int bits, int threads)
    {
        foreach (var (channels, columns, side) in new[] { (3, 5, 3), (16, 16, 4), (24, 40, 7), (40, 72, 1), (130, 33, 6), (512, 64, 2) })
            foreach (var (activation, output) in Outputs)
                CompareBytes(
                    bits, threads, channels, columns, side, kernel: 1, stride: 1, activation, output,
                    (machine, weights) => ByteSteps.Linear(machine, side * side, weights, activation, takesBytes: true, output));
    }

    /// <summary>Of bytes or values, and to bytes, whether the rows of the map are as long in it as in the product or not.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void From_bytes_that_a_kernel_sees(int bits, int threads)
    {
        foreach (var (channels, columns, side, kernel, stride) in
            new[]
            {
                (3, 5, 9, 3, 2),
                (16, 17, 8, 3, 1),
                (16, 32, 7, 1, 2),
                (9, 20, 11, 5, 2),
                (20, 33, 6, 1, 2),
                (64, 20, 40, 3, 1),
            })
            foreach (var (activation, output) in Outputs)
                CompareBytes(
                    bits, threads, channels, columns, side, kernel, stride, activation, output,
                    (machine, weights) => ByteSteps.Convolution(
                        machine, weights, side, kernel, stride, activation, takesBytes: true, output));
    }

    /// <summary>By kernels of few lines and of many, which share groups in other ways; of channels that fill vectors and do not.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Each_channel_by_itself(int bits, int threads)
    {
        foreach (var (channels, side, kernel, stride) in
            new[]
            {
                (3, 5, 3, 1),
                (16, 8, 3, 1),
                (24, 9, 3, 2),
                (32, 1, 3, 1),
                (40, 7, 5, 1),
                (64, 6, 3, 2),
                (72, 10, 5, 2),
                (144, 4, 3, 1),
                (100, 2, 7, 1),
                (130, 11, 7, 2),
                (20, 6, 1, 1),
            })
            foreach (var (activation, output) in Outputs)
                CompareBytes(
                    bits, threads, channels, channels, side, kernel, stride, activation, output,
                    (machine, weights) => ByteSteps.Depthwise(
                        machine, weights, side, kernel, stride, activation, takesBytes: true, output), eachAlone: true);
    }

    /// <summary>The last product of a kernel may not overflow either.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Largest_of_each_channel(int bits, int threads)
    {
        using var machine = new Machine(threads, bits);
        foreach (var channels in new[] { 16, 48, 96 })
        {
            var (side, places) = (4, 49);
            sbyte[] values = [.. Enumerable.Range(0, channels * places).Select(i => (sbyte)(i / places % 2 == 0 ? 63 : -63))];
            var weights = new ByteMatrix(values, 1, Filled(channels, 1), new float[channels], new(1, 0));
            var (x, y) = (new Floats(side * side * channels / ByteSums.Group), new Floats(side * side * channels));
            MemoryMarshal.AsBytes(x.Span).Fill(byte.MaxValue);
            new ByteDepthwise(machine, weights, side, 7, 1, Activation.None).Run(x.Pointer, y.Pointer);
            for (var i = 0; i < y.Length; i++) Assert.Equal((i % channels % 2 == 0 ? 63 : -63) * 255 * side * side, y.Span[i]);
        }
    }

    /// <summary>The first layer, whose sums are in 32 bits: values of steps and halves of them, which are exact.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Values_to_bytes(int bits, int threads)
    {
        const int channels = 3, columns = 20, side = 9;
        using var machine = new Machine(threads, bits);
        foreach (var (activation, output) in Outputs.Where(o => o.Output is not null))
        {
            // A step that is a power of 2 changes no digit.
            var range = new Quantisation(1 / 32f, output!.Value.Zero);
            var random = new Random(5);
            float[] Whole(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-8, 9) / 8f)];
            var (image, weights) = (Whole(channels * side * side), new Weights.Matrix(Whole(columns * channels * 9), Whole(columns)));
            var (x, y) = (new Floats(image, image.Length), new Floats(25 * Lanes.Padded(columns) / ByteSums.Group));
            new ImageConvolution(machine, weights, channels, side, 3, 2, 1, activation, range).Run(x.Pointer, y.Pointer);
            var expected = Reference.Convolution(image, weights, channels, side, kernel: 3, stride: 2, padding: 1);
            AssertBytes([.. expected.Select(v => ByteOf(Reference.Finish(v, 0, activation), range))], y, columns);
        }
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

    /// <summary>The bytes are those of the values, but for the rounding of sums, which is another where they are filtered.</summary>
    [Theory, MemberData(nameof(Machines))]
    public void Filtered_to_bytes(int bits, int threads)
    {
        using var machine = new Machine(threads, bits);
        foreach (var (channels, columns, side) in new[] { (24, 40, 12), (200, 200, 10) })
            foreach (var (activation, output) in Outputs.Where(o => o.Output is not null))
            {
                var (random, range) = (new Random(7), output!.Value);
                sbyte[] values = [.. Enumerable.Range(0, columns * channels * 9).Select(_ => (sbyte)random.Next(-63, 64))];
                var weights = new ByteMatrix(values, channels, Filled(columns, 1f / 600), Maps.Random(columns, 9), new(2f / 255, 128));
                var x = Maps.Pixels(Maps.Random(channels * side * side, 3), channels);
                var (y, bytes) = (new Floats(side * side * Lanes.Padded(columns)), new Floats(side * side * Lanes.Padded(columns)));
                ByteSteps.Filtered(machine, weights, side, activation).Run(x.Pointer, y.Pointer);
                ByteSteps.Filtered(machine, weights, side, activation, range).Run(x.Pointer, bytes.Pointer);
                var other = 0;
                var all = MemoryMarshal.AsBytes(bytes.Span);
                for (var i = 0; i < y.Length; i++)
                {
                    var difference = i % Lanes.Padded(columns) < columns ? Math.Abs(ByteOf(y.Span[i], range) - all[i]) : 0;
                    Assert.InRange(difference, 0, 1);
                    other += difference;
                }
                Assert.InRange(other, 0, y.Length / 1000);
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

    private static IEnumerable<(Activation Activation, Quantisation? Output)> Outputs =>
    [
        (Activation.None, null), (Activation.Relu6, null), (Activation.None, new(3f / 255, 77)), (Activation.Relu, new(2f / 255, 9)),
        (Activation.Relu6, new(4f / 255, 0)), (Activation.Relu6, new(9f / 255, 20)),
    ];

    private static byte ByteOf(double value, Quantisation range) =>
        (byte)Math.Clamp(Math.Floor(value / range.Scale + range.Zero + 0.5), 0, 255);

    private static void AssertBytes(byte[] planes, Floats pixels, int channels)
    {
        var (padded, positions) = (Lanes.Padded(channels), planes.Length / channels);
        var bytes = MemoryMarshal.AsBytes(pixels.Span);
        for (var i = 0; i < planes.Length; i++)
        {
            var actual = bytes[i % positions * padded + i / positions];
            Assert.True(planes[i] == actual, $"{i}: {actual}, not {planes[i]}");
        }
    }

    private static void CompareBytes(
        int bits, int threads, int channels, int columns, int side, int kernel, int stride, Activation activation, Quantisation? output,
        Func<Machine, ByteMatrix, Step> step, bool eachAlone = false)
    {
        using var machine = new Machine(threads, bits);
        var (random, range, seen) = (new Random(7), new Quantisation(2f / 255, 101), eachAlone ? 1 : channels);
        var (length, outSide, padded) = (seen * kernel * kernel, (side + 2 * (kernel / 2) - kernel) / stride + 1, Lanes.Padded(channels));
        sbyte[] values = [.. Enumerable.Range(0, columns * length).Select(_ => (sbyte)random.Next(-63, 64))];
        float[] scales = [.. Maps.Random(columns, 8).Select(v => v / length)];
        var weights = new ByteMatrix(values, seen, scales, Maps.Random(columns, 9), range);
        var (x, y) = (new Floats(side * side * padded / ByteSums.Group), new Floats(outSide * outSide * Lanes.Padded(columns)));
        var bytes = MemoryMarshal.AsBytes(x.Span);
        random.NextBytes(bytes);
        for (var i = 0; i < bytes.Length; i++)
            if (i % padded >= channels)
                bytes[i] = Beyond;
        step(machine, weights).Run(x.Pointer, y.Pointer);
        var (exact, whole) = (new double[columns * outSide * outSide], new byte[columns * outSide * outSide]);
        for (var i = 0; i < exact.Length; i++)
        {
            var (o, row, column, sum) = (i / (outSide * outSide), i % (outSide * outSide) / outSide * stride - kernel / 2,
                i % outSide * stride - kernel / 2, 0);
            for (var k = 0; k < length; k++)
            {
                var (ky, kx, c) = (row + k / seen / kernel, column + k / seen % kernel, eachAlone ? o : k % seen);
                if ((uint)ky < (uint)side && (uint)kx < (uint)side)
                    sum += (bytes[(ky * side + kx) * padded + c] - range.Zero) * values[o * length + k];
            }
            if (output is not { } steps)
            {
                var value = sum * (scales[o] * range.Scale) + weights.Bias[o];
                exact[i] = Reference.Finish(value, 0, activation);
                continue;
            }
            // In steps of the output, as what stands for the value is rounded once.
            var (inverse, zero) = (1 / steps.Scale, steps.Zero + 0.5f);
            var (least, most) = (activation == Activation.None ? 0 : zero, activation == Activation.Relu6 ? 6 * inverse + zero : 255);
            whole[i] = (byte)Math.Min(
                Math.Min(most, 255), Math.Max(least, sum * (scales[o] * range.Scale * inverse) + (weights.Bias[o] * inverse + zero)));
        }
        if (output is null) Maps.AssertClose(exact, y, columns, tolerance: 0);
        else AssertBytes(whole, y, columns);
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
