using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Heads;

/// <summary>The layers of a head that fine-tuning keeps are those that were trained.</summary>
public sealed class FirstLayersTests
{
    /// <summary>
    /// By PyTorch's own operations from the weights in the store; DINO's have BatchNorm and GELU, MoCo's ReLU alone. The slice is of an
    /// embedding narrower than the largest.
    /// </summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void They_compute_what_the_head_does(bool isDino, int count)
    {
        using var scope = NewDisposeScope();
        ObjectiveOptions objective = isDino ? new DinoOptions(16, 24, 12) : new MoCoOptions(16, 24, 24);
        var method = new Method(objective, new(OptimizerKind.Sgd, 0), isDino ? ViewPlan.Dino(32) : ViewPlan.MoCoV2(32));
        using var model = TinyModel.Create(method);
        var (head, channels) = (model.Networks.StudentHead.Projector, Tiny.Space.Min.EmbeddingChannels);
        Assert.True(channels < Tiny.Space.Max.EmbeddingChannels);
        using var random = new TorchSharp.torch.Generator(6);
        var x = randn([32, channels], generator: random);
        using var kept = head.FirstLayers(count, channels);
        kept.train();
        var actual = kept.call(x);

        var weights = model.Networks.StudentWeights.Slots.ToDictionary(slot => slot.Key, slot => slot.Full().clone());
        var (expected, place) = (x, 0);
        for (var layer = 0; layer < count; layer++)
        {
            var width = expected.shape[1];
            expected = expected.mm(weights[$"neck.mlp.{place}.weight"].narrow(1, 0, width).t()) + weights[$"neck.mlp.{place}.bias"];
            if (isDino)
            {
                var (mean, variance) = (expected.mean([0L]), expected.var(0, unbiased: false));
                expected = (expected - mean) / (variance + 1e-5).sqrt() * weights[$"neck.mlp.{place + 1}.weight"]
                    + weights[$"neck.mlp.{place + 1}.bias"];
            }
            expected = isDino ? expected * (1 + (expected / Math.Sqrt(2)).erf()) / 2 : expected.clamp_min(0);
            place += isDino ? 3 : 2;
        }
        Close.To(expected, actual, 1e-5, "kept layers");
        Assert.Equal(count * (isDino ? 4 : 2), kept.parameters().Count());
        // Copies: a step of theirs changes nothing of the run.
        using (no_grad())
            foreach (var parameter in kept.parameters()) parameter.add_(1);
        foreach (var slot in model.Networks.StudentWeights.Slots) Close.SameBits(weights[slot.Key], slot.Full(), slot.Key);
    }

    [Fact]
    public void More_than_there_are_is_a_mistake_of_the_caller()
    {
        using var model = TinyModel.Create(TinyModel.Method);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Networks.StudentHead.Projector.FirstLayers(2, 8));
    }
}
