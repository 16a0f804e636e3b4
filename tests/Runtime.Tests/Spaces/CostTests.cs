using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Spaces;

/// <summary>The closed-form costs against what a forward and backward pass really touches.</summary>
public sealed class CostTests
{
    [Fact]
    public void Costs_equal_the_weights_that_a_pass_uses_and_their_positions()
    {
        using var store = new ParameterStore();
        var net = Tiny.Space.CreateSupernet(store);
        store.Allocate(CPU, ScalarType.Float32, trainable: true);
        store.Initialize(2);
        using (var scope = NewDisposeScope())
        using (no_grad())
            // No parameter may be zero, or what hangs on it would not be seen.
            foreach (var slot in store.Slots) slot.Full().add_(rand(slot.Shape).mul_(0.1).add_(0.01));

        foreach (var architecture in Architectures())
        {
            var (weights, macs, parameters) = Counted(net, architecture);
            Assert.Equal(weights, Tiny.Space.ConvWeights(architecture));
            Assert.Equal(parameters, Tiny.Space.Parameters(architecture));
            Assert.Equal(macs, Tiny.Space.Macs(architecture, 32));
        }
    }

    private static IEnumerable<Architecture> Architectures()
    {
        yield return Tiny.Space.Parse("Half");
        for (var i = 0; i < 12; i++)
        {
            var random = CounterRandom.For(4, "costs", i);
            yield return Tiny.Space.Sample(ref random);
        }
    }

    /// <summary>
    /// A parameter is active where it has a gradient. Several passes, since one gradient in many thousands is rounded to zero by chance.
    /// </summary>
    private static (long Weights, long Macs, long Parameters) Counted(Supernet net, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var touched = zeros_like(net.Weights.Gradients);
        for (var pass = 0; pass < 3; pass++)
        {
            net.Weights.ZeroGradients();
            var map = net.LastMap(randn(4, 3, 32, 32), architecture);
            (map * randn(map.shape)).sum().backward();
            touched.add_(net.Weights.Gradients.abs());
        }
        var (weights, macs, parameters) = (0L, 0L, 0L);
        foreach (var slot in net.Weights.Slots)
        {
            var active = slot.ViewOf(touched).ne(0).to(ScalarType.Int64).sum().item<long>();
            parameters += active;
            if (slot.Shape.Length != 4) continue;
            weights += active;
            macs += active * Positions(slot.Key);
        }
        return (weights, macs, parameters);
    }

    /// <summary>The second stage halves the image, in its first block's second convolution.</summary>
    private static long Positions(string key) =>
        !key.StartsWith("layer2", StringComparison.Ordinal) || key == "layer2.0.conv1.weight" ? 32 * 32 : 16 * 16;
}
