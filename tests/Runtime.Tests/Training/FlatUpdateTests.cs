using DataSsl.Runtime.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// The one-pass rules against the same rules element by element in 64 bits: lengths that end within a vector and within a block, and
/// buffers that are no contiguous ones.
/// </summary>
public class FlatUpdateTests
{
    private const double Momentum = 0.9, Decay = 1e-2, Rate = 0.1;

    [Theory]
    [InlineData(1, true)]
    [InlineData(1003, true)]
    [InlineData(70_001, true)]
    [InlineData(1003, false)]
    public void Sgd_is_its_rule(int length, bool contiguous)
    {
        using var scope = NewDisposeScope();
        var (values, buffer, gradient) = (Draws(length, 1, contiguous), Draws(length, 2, contiguous), Draws(length, 3, contiguous));
        var wide = (Values: values.to(ScalarType.Float64), Buffer: buffer.to(ScalarType.Float64), Gradient
            : gradient.to(ScalarType.Float64));
        var moved = wide.Buffer * Momentum + wide.Values * Decay + wide.Gradient;
        FlatUpdate.Sgd(values, buffer, gradient, Momentum, Decay, Rate);
        Close(moved, buffer);
        Close(wide.Values - moved * Rate, values);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(70_001, true)]
    [InlineData(1003, false)]
    public void A_mixture_is_its_rule(int length, bool contiguous)
    {
        using var scope = NewDisposeScope();
        var (target, other) = (Draws(length, 1, contiguous), Draws(length, 2, contiguous));
        var expected = target.to(ScalarType.Float64) * 0.996 - other.to(ScalarType.Float64) * 0.3;
        FlatUpdate.Mix(target, other, 0.996, -0.3);
        Close(expected, target);
    }

    private static void Close(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-6);

    private static Tensor Draws(int length, ulong seed, bool contiguous)
    {
        using var generator = new Generator(seed);
        var draws = randn([length, 2], generator: generator);
        return contiguous ? draws.select(1, 0).contiguous() : draws.select(1, 0);
    }
}
