using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

public class SmokeTests
{
    [Fact]
    public void A_small_network_learns()
    {
        manual_seed(0);
        using var scope = NewDisposeScope();
        using var net = Sequential(("conv", Conv2d(3, 8, 3, padding: 1)), ("bn", BatchNorm2d(8)), ("relu", ReLU(true)), ("pool", AdaptiveAvgPool2d(1)), ("flat", Flatten()), ("fc", Linear(8, 2)));
        var x = randn(4, 3, 8, 8);
        var target = tensor(new long[] { 0, 1, 0, 1 });
        var first = 0f;
        var loss = 0f;
        for (var step = 0; step < 20; step++)
        {
            net.zero_grad();
            var l = functional.cross_entropy(net.call(x), target);
            loss = l.item<float>();
            if (step == 0)
                first = loss;
            l.backward();
            using var _ = no_grad();
            foreach (var p in net.parameters())
                p.sub_(p.grad! * 0.5);
        }
        Assert.True(loss < first * 0.8, $"{first} {loss}");
        Assert.Equal("conv.weight,conv.bias,bn.weight,bn.bias,bn.running_mean,bn.running_var,bn.num_batches_tracked,fc.weight,fc.bias", string.Join(",", net.state_dict().Keys));
    }
}
