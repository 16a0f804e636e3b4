using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>Values and weights in 8 bits, beside the formulas by hand.</summary>
public sealed class ByteTests
{
    [Theory]
    [InlineData(0, 2.55, 0.01, 0)]
    [InlineData(-1, 1.55, 0.01, 100)]
    [InlineData(1, 2.55, 0.01, 0)]
    [InlineData(-2.55, -1, 0.01, 255)]
    [InlineData(0, 0, 1, 0)]
    public void A_range_holds_zero_exactly(double least, double most, double scale, byte zero)
    {
        var range = ByteRange.Of(least, most);
        Assert.Equal(scale, range.Scale, 1e-6);
        Assert.Equal(zero, range.Zero);
    }

    /// <summary>Each rule against the numbers themselves, one by one.</summary>
    [Fact]
    public void Ranges_are_those_of_the_numbers()
    {
        using var scope = NewDisposeScope();
        using var generator = new TorchSharp.torch.Generator(3);
        // A few lie far out, as they do in networks.
        var numbers = cat([randn([200_000], generator: generator), tensor(new float[] { 40, -25 })]);
        var histogram = new ValueHistogram();
        foreach (var part in numbers.split(50_000)) histogram.Widen(part);
        foreach (var part in numbers.split(50_000)) histogram.Count(part);
        var all = numbers.data<float>().ToArray().Order().Select(x => (double)x).ToArray();
        Assert.Equal(ByteRange.Of(-25, 40), histogram.Range(RangeRule.MinMax));
        var cut = (int)(1e-4 * all.Length);
        var (least, most) = Ends(histogram.Range(RangeRule.Percentile));
        Assert.Equal(all[cut], least, 2 * 65 / 2048.0);
        Assert.Equal(all[^(cut + 1)], most, 2 * 65 / 2048.0);
        var best = Enumerable.Range(0, 64).Select(i => 1 - i * 0.8 / 63).Select(p => ByteRange.Of(-25 * p, 40 * p)).Min(Error);
        Assert.InRange(Error(histogram.Range(RangeRule.Mse)), best, 1.02 * best);
        Assert.True(Error(histogram.Range(RangeRule.Mse)) < 0.8 * Error(histogram.Range(RangeRule.MinMax)));

        double Error(ByteRange range) => all.Sum(x => Math.Pow(x - Kept(x, range), 2));
    }

    /// <summary>Of all ways to round each down or up that keep an output's sum, the nearest one: all ways are tried.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Whole_weights_keep_the_sum(int axis)
    {
        const int outputs = 40, length = 6;
        using var scope = NewDisposeScope();
        using var generator = new TorchSharp.torch.Generator(5);
        var weights = randn([outputs, length], generator: generator);
        weights[0].zero_();
        var given = axis == 0 ? weights.reshape(outputs, 2, 3) : weights.transpose(0, 1);
        var scales = ByteWeights.Scales(given, axis);
        var whole = ByteWeights.Whole(given, scales, axis);
        Assert.Equal(given.shape, whole.shape);
        var got = (axis == 0 ? whole.reshape(outputs, length) : whole.transpose(0, 1)).contiguous().data<sbyte>().ToArray();
        var exact = (weights / scales.reshape(-1, 1)).data<double>().ToArray();
        for (var o = 0; o < outputs; o++)
        {
            var (row, rounded) = (exact[(o * length)..((o + 1) * length)], got[(o * length)..((o + 1) * length)]);
            var sum = Math.Round(row.Sum());
            var best = Enumerable.Range(0, 1 << length)
                .Select(ways => row.Select((v, i) => Math.Floor(v) + (ways >> i & 1)).ToArray())
                .Where(way => way.Sum() == sum).Min(way => Error(row, way));
            Assert.Equal(sum, rounded.Sum(v => v));
            Assert.Equal(best, Error(row, [.. rounded.Select(v => (double)v)]), 1e-9);
            Assert.InRange(rounded.Max(v => Math.Abs(v)), o == 0 ? 0 : 63, 63);
        }

        static double Error(double[] row, double[] way) => row.Zip(way, (v, w) => (v - w) * (v - w)).Sum();
    }

    /// <summary>A convolution of one pixel in ONNX Runtime, and its whole numbers by hand.</summary>
    [Fact]
    public void A_convolution_is_of_whole_numbers()
    {
        using var scope = NewDisposeScope();
        var range = ByteRange.Of(-1, 1.55);
        var graph = new OnnxGraph(half: false);
        var bytes = new OnnxBytes(graph, new(_ => range, _ => true), hasMaps: true);
        float[] weights = [0.5f, -0.63f, 0.0099f, 1.26f, 0.013f, -0.4f, 1e-12f, 0, 0], bias = [0.3f, -2, 5];
        var x = graph.Input("images", 1, 3, 1, 1);
        graph.Apply("y", "Conv", bytes.Convolution("layer", x, tensor(weights, [3, 3, 1, 1]), tensor(bias)));
        graph.Output("y", 1, 3, 1, 1);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");
        float[] values = [0.777f, -0.333f, 3], got;
        try
        {
            using (var file = File.Create(path)) graph.Model("Bytes", "1", new Dictionary<string, string>()).Write(file);
            using var model = new OnnxModel(path, threads: 1);
            got = model.Run(tensor(values, [1, 3, 1, 1]))["y"].data<float>().ToArray();
        }
        finally
        {
            File.Delete(path);
        }
        for (var o = 0; o < 3; o++)
        {
            var row = weights.Skip(3 * o).Take(3).Select(w => (double)w).ToArray();
            // The third has weights beside which its bias would not fit.
            var step = o < 2 ? row.Max(Math.Abs) / 63 : 5 / (range.Scale * (double)(1 << 30));
            var sum = row.Zip(values, (w, v) => Math.Round(w / step) * Kept(v, range)).Sum() * step;
            Assert.Equal(sum + Math.Round(bias[o] / (step * range.Scale)) * step * range.Scale, got[o], 1e-5);
        }
        // What was left out of the formulas would show: the last input is cut.
        Assert.Equal(1.55, Kept(3, range), 1e-6);
    }

    private static double Kept(double x, ByteRange range) =>
        range.Scale * (Math.Clamp(Math.Round(x / range.Scale) + range.Zero, 0, 255) - range.Zero);

    private static (double Least, double Most) Ends(ByteRange range) => (-range.Zero * range.Scale, (255 - range.Zero) * range.Scale);
}
