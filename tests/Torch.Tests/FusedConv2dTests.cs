using DataSsl.Torch.Emitted;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>The convolution of folded classes, one pass or several, against the same in 64 bits, which oneDNN does not compute.</summary>
public sealed class FusedConv2dTests
{
    public static TheoryData<long, long, long, long, long> Shapes() => new()
    {
        // in, out, kernel, stride, groups
        { 3, 64, 7, 2, 1 },
        { 64, 256, 1, 2, 1 },
        { 48, 40, 3, 1, 1 },
        { 5, 7, 3, 2, 1 },
        { 32, 32, 5, 2, 32 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_is_convolution_sum_and_activation_in_64_bits(long @in, long @out, long kernel, long stride, long groups)
    {
        using var scope = NewDisposeScope();
        foreach (var (type, tolerance) in new[] { (ScalarType.Float32, 1e-5), (ScalarType.BFloat16, 1.0 / 64) })
            foreach (var activation in new[] { "none", "relu", "relu6" })
            {
                using var convolution = Frozen(new(@in, @out, kernel, stride, groups, activation, dtype: type));
                foreach (var (n, h, w) in new[] { (1L, 14L, 14L), (3, 17, 9), (2, 1, 1), (4, 2, 2), (2, 1, 9), (1, 14, 14) })
                {
                    // Beyond 6 too.
                    var x = MemoryFormat.ChannelsLast(randn(n, @in, h, w) * 8).to(type);
                    var y = convolution.call(x);
                    Assert.Equal(type, y.dtype);
                    Close(Exact(convolution, x, stride, groups, activation, null), y, tolerance);
                    // No block of ours adds before a relu6.
                    if (activation == "relu6") continue;
                    var added = MemoryFormat.ChannelsLast(randn(y.shape) * 8).to(type);
                    var sum = Exact(convolution, x, stride, groups, activation, added);
                    Close(sum, convolution.forward(x, added), tolerance);
                    Close(sum, convolution.forward(x, added.contiguous()), tolerance);
                    // In rows it is TorchSharp's operators.
                    Close(Exact(convolution, x, stride, groups, activation, null), convolution.call(x.contiguous()), tolerance);
                }
            }
    }

    /// <summary>Weights that are written after a first pass count from the next on, whoever writes them.</summary>
    [Fact]
    public void Weights_that_change_are_laid_out_anew()
    {
        using var scope = NewDisposeScope();
        using var convolution = Frozen(new(16, 16, 3));
        var x = MemoryFormat.ChannelsLast(randn(2, 16, 9, 9));
        for (var i = 0; i < 3; i++)
        {
            Close(Exact(convolution, x, 1, 1, "none", null), convolution.call(x), 1e-5);
            using (no_grad()) convolution.state_dict()["weight"].copy_(randn(16, 16, 3, 3));
        }
    }

    [Fact]
    public void Gradients_flow_where_they_are_wanted()
    {
        using var scope = NewDisposeScope();
        using var convolution = new FusedConv2d(8, 8, 3, activation: "relu");
        var x = MemoryFormat.ChannelsLast(randn(2, 8, 5, 5));
        convolution.call(x).sum().backward();
        Assert.NotNull(convolution.state_dict()["weight"].grad);
    }

    private static FusedConv2d Frozen(FusedConv2d convolution)
    {
        foreach (var parameter in convolution.parameters()) parameter.requires_grad = false;
        return convolution;
    }

    private static Tensor Exact(FusedConv2d convolution, Tensor x, long stride, long groups, string activation, Tensor? added)
    {
        var state = convolution.state_dict();
        var (weight, bias) = (state["weight"].to(ScalarType.Float64), state["bias"].to(ScalarType.Float64));
        var side = weight.shape[2] / 2;
        var y = functional.conv2d(x.to(ScalarType.Float64), weight, bias, [stride, stride], [side, side], groups: groups);
        if (added is not null) y += added.to(ScalarType.Float64);
        return activation == "relu" ? y.relu() : activation == "relu6" ? y.relu6() : y;
    }

    private static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().ToDouble() / Math.Max(1e-9, expected.abs().max().ToDouble()), 0, tolerance);
    }
}
