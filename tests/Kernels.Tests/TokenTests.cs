namespace DataSsl.Kernels.Tests;

/// <summary>The kernels of transformers and of pooling against plain loops.</summary>
public sealed unsafe class TokenTests
{
    public static TheoryData<int, int> Machines => ConvolutionTests.Machines;

    [Theory, MemberData(nameof(Machines))]
    public void AttentionOfEveryTokenToEveryToken(int bits, int threads)
    {
        foreach (var (tokens, heads, size) in new[] { (1, 1, 16), (5, 2, 64), (37, 3, 64), (50, 1, 48) })
        {
            using var machine = new Machine(threads, bits);
            var width = heads * size;
            // Scores of some size, so that the softmax is no mere mean.
            var planes = Maps.Random(3 * width * tokens, 1).Select(v => 3 * v).ToArray();
            var (x, y) = (Maps.Pixels(planes, 3 * width), new Floats(tokens * width));
            new Attention(machine, tokens, heads, size).Run(x.Pointer, y.Pointer);
            var expected = new double[width * tokens];
            for (var h = 0; h < heads; h++)
                for (var i = 0; i < tokens; i++)
                {
                    var scores = Enumerable.Range(0, tokens)
                        .Select(
                            j => Math.Exp(Enumerable.Range(0, size).Sum(c => (double)At(0, h, c, i) * At(1, h, c, j)) / Math.Sqrt(size)))
                        .ToArray();
                    for (var c = 0; c < size; c++)
                        expected[(h * size + c) * tokens + i] = Enumerable.Range(0, tokens)
                            .Sum(j => scores[j] * At(2, h, c, j)) / scores.Sum();
                }
            Maps.AssertClose(expected, y, width, 1e-5);

            float At(int which, int head, int channel, int token) => planes[(which * width + head * size + channel) * tokens + token];
        }
    }

    [Theory, MemberData(nameof(Machines))]
    public void LayerNormOfEachToken(int bits, int threads)
    {
        foreach (var (tokens, channels) in new[] { (1, 16), (7, 40), (20, 65) })
        {
            using var machine = new Machine(threads, bits);
            // Far from zero: a variance by squares would lose it.
            var planes = Maps.Random(tokens * channels, 1).Select(v => v + 30).ToArray();
            var (weight, bias) = (Maps.Random(channels, 2), Maps.Random(channels, 3));
            var (x, y) = (Maps.Pixels(planes, channels), new Floats(tokens * Lanes.Padded(channels)));
            new LayerNorm(machine, tokens, weight, bias).Run(x.Pointer, y.Pointer);
            var expected = new double[tokens * channels];
            for (var t = 0; t < tokens; t++)
            {
                var values = Enumerable.Range(0, channels).Select(c => (double)planes[c * tokens + t]).ToArray();
                var (mean, variance) = (values.Average(), values.Average(v => v * v) - Math.Pow(values.Average(), 2));
                for (var c = 0; c < channels; c++)
                    expected[c * tokens + t] = (values[c] - mean) / Math.Sqrt(variance + 1e-6) * weight[c] + bias[c];
            }
            Maps.AssertClose(expected, y, channels, 1e-5);
        }
    }

    [Theory, MemberData(nameof(Machines))]
    public void GeluInItsExactForm(int bits, int threads)
    {
        using var machine = new Machine(threads, bits);
        var values = Enumerable.Range(0, 1600).Select(i => (i - 800) / 160f).ToArray();
        var (x, y) = (new Floats(values, values.Length), new Floats(values.Length));
        new Gelu(machine, values.Length).Run(x.Pointer, y.Pointer);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(values[i] * (1 + Reference.Erf(values[i] / Math.Sqrt(2))) / 2, y.Span[i], 1e-6);
        Assert.Equal(0, Gelu(machine, -100), 1e-6);
        Assert.Equal(100, Gelu(machine, 100));
    }

    [Theory, MemberData(nameof(Machines))]
    public void TheLargestOfAWindowAndTheMeanOfAMap(int bits, int threads)
    {
        foreach (var (channels, side, kernel, stride) in new[] { (16, 8, 3, 2), (24, 7, 3, 2), (5, 1, 3, 2), (33, 10, 5, 1) })
        {
            using var machine = new Machine(threads, bits);
            var planes = Maps.Random(channels * side * side, 1).Select(v => v - 2).ToArray();
            var outSide = (side + 2 * (kernel / 2) - kernel) / stride + 1;
            var (x, largest, mean) = (Maps.Pixels(planes, channels), new Floats(outSide * outSide * Lanes.Padded(channels)),
                new Floats(Lanes.Padded(channels)));
            new MaxPool(machine, channels, side, kernel, stride).Run(x.Pointer, largest.Pointer);
            new AveragePool(machine, channels, side * side).Run(x.Pointer, mean.Pointer);
            var expected = new double[channels * outSide * outSide];
            for (var i = 0; i < expected.Length; i++)
            {
                var (c, row, column) = (i / outSide / outSide, i / outSide % outSide * stride - kernel / 2,
                    i % outSide * stride - kernel / 2);
                expected[i] = (from y in Enumerable.Range(row, kernel)
                               from z in Enumerable.Range(column, kernel)
                               where (uint)y < (uint)side
                        && (uint)z < (uint)side
                               select planes[(c * side + y) * side + z])
                    .Max();
            }
            Maps.AssertClose(expected, largest, channels, 0);
            Maps.AssertClose([.. planes.Chunk(side * side).Select(p => p.Average(v => (double)v))], mean, channels, 1e-6);
        }
    }

    private static float Gelu(Machine machine, float value)
    {
        var (x, y) = (new Floats([value], Lanes.Count), new Floats(Lanes.Count));
        new Gelu(machine, Lanes.Count).Run(x.Pointer, y.Pointer);
        return y.Span[0];
    }
}
