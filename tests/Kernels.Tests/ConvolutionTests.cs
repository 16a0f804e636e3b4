namespace DataSsl.Kernels.Tests;

/// <summary>Every convolution kernel against plain loops, in every vector width, with one thread and with more.</summary>
public sealed unsafe class ConvolutionTests
{
    private const double Tolerance = 2e-6;

    public static TheoryData<int, int> Machines => new() { { 512, 1 }, { 256, 1 }, { 128, 1 }, { 0, 3 } };

    [Theory, MemberData(nameof(Machines))]
    public void Pointwise(int bits, int threads)
    {
        foreach (var (channels, columns, side) in new[] { (3, 5, 3), (16, 16, 4), (24, 40, 7), (40, 72, 1), (130, 33, 6) })
            Compare(
                bits, threads, channels, columns, side, kernel: 1, stride: 1, Activation.Relu6, adds: true,
                (machine, weights) => new Linear(machine, side * side, weights, Activation.Relu6));
    }

    [Theory, MemberData(nameof(Machines))]
    public void Gathered(int bits, int threads)
    {
        foreach (var (channels, columns, side, kernel, stride) in
            new[] { (3, 5, 9, 3, 2), (20, 17, 8, 3, 1), (16, 32, 7, 1, 2), (9, 20, 11, 5, 2), (33, 12, 2, 7, 1) })
            Compare(bits, threads, channels, columns, side, kernel, stride, Activation.Relu, adds: true,
                (machine, weights) =>
                    new Convolution(machine, weights.ChannelsLast(channels), channels, side, kernel, stride, Activation.Relu));
    }

    [Theory, MemberData(nameof(Machines))]
    public void Minimal(int bits, int threads)
    {
        foreach (var (channels, columns, side) in new[] { (3, 5, 4), (16, 40, 9), (24, 16, 14), (64, 48, 23), (13, 20, 1) })
            Compare(bits, threads, channels, columns, side, kernel: 3, stride: 1, Activation.Relu, adds: true,
                (machine, weights) => new Winograd(machine, weights, channels, side, Activation.Relu), tolerance: 2e-5);
    }

    [Theory, MemberData(nameof(Machines))]
    public void OfEachChannel(int bits, int threads)
    {
        foreach (var (channels, side, kernel, stride) in
            new[]
            {
                (16, 8, 3, 1),
                (24, 13, 3, 2),
                (40, 9, 5, 2),
                (7, 20, 7, 1),
                (16, 2, 7, 1),
                (16, 3, 5, 2),
                (32, 1, 3, 1),
                (16, 14, 1, 1),
                (40, 14, 3, 1),
                (16, 7, 3, 1),
                (3, 5, 3, 1),
            })
            Compare(bits, threads, channels, channels, side, kernel, stride, Activation.Relu6, adds: false,
                (machine, weights) => new Depthwise(machine, weights, side, kernel, stride, Activation.Relu6), groups: channels);
    }

    [Theory, MemberData(nameof(Machines))]
    public void OfTheImage(int bits, int threads)
    {
        foreach (var (channels, columns, side, kernel, stride, padding) in
            new[]
            {
                (3, 16, 17, 7, 2, 3),
                (3, 24, 10, 3, 2, 1),
                (1, 9, 6, 3, 1, 1),
                (3, 40, 33, 8, 8, 0),
                (4, 16, 32, 16, 16, 0),
                (3, 8, 3, 7, 2, 3),
            })
        {
            using var machine = new Machine(threads, bits);
            var (image, weights) = (Maps.Random(channels * side * side, 1), Maps.Matrix(columns, channels * kernel * kernel, 2));
            var outSide = (side + 2 * padding - kernel) / stride + 1;
            var (x, y) = (new Floats(image, image.Length), new Floats(outSide * outSide * Lanes.Padded(columns)));
            new ImageConvolution(machine, weights, channels, side, kernel, stride, padding, Activation.Relu).Run(x.Pointer, y.Pointer);
            var expected = Reference.Convolution(image, weights, channels, side, kernel, stride, padding)
                .Select(v => Reference.Finish(v, 0, Activation.Relu)).ToArray();
            Maps.AssertClose(expected, y, columns, Tolerance);
        }
    }

    private static void Compare(
        int bits, int threads, int channels, int columns, int side, int kernel, int stride, Activation activation, bool adds,
        Func<Machine, Weights.Matrix, Step> step,
        int groups = 1, double tolerance = Tolerance)
    {
        using var machine = new Machine(threads, bits);
        var (planes, weights) = (Maps.Random(channels * side * side, 3), Maps.Matrix(columns, channels / groups * kernel * kernel, 4));
        var outSide = (side + 2 * (kernel / 2) - kernel) / stride + 1;
        var more = Maps.Random(columns * outSide * outSide, 6);
        var (x, added, y) = (Maps.Pixels(planes, channels), Maps.Pixels(more, columns),
            new Floats(outSide * outSide * Lanes.Padded(columns)));
        y.Span.Fill(float.NaN);
        step(machine, weights).Run(x.Pointer, y.Pointer, adds ? added.Pointer : null);
        var expected = Reference.Convolution(planes, weights, channels, side, kernel, stride, kernel / 2, groups)
            .Select((v, i) => Reference.Finish(v, adds ? more[i] : 0, activation)).ToArray();
        Maps.AssertClose(expected, y, columns, tolerance);
    }
}
