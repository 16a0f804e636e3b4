using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

[Collection(SingleThread.Name)]
public sealed class FineTuningTests : IDisposable
{
    private const int Size = 16;
    private static readonly FineTuneOptions Options = new(Epochs: 12, Batch: 8, Rate: 0.02, HeadRate: 0.2);
    private readonly TemporaryFolder folder = new();
    private readonly ImageStore images;

    /// <summary>
    /// Stripes along and across: the mean colour tells nothing, so a classifier of untrained features has little to go by.
    /// </summary>
    public FineTuningTests()
    {
        Forgotten.Free();
        for (var i = 0; i < 48; i++) folder.Write($"{(i % 2 == 0 ? "across" : "along")}/{i:00}.png", Pictures.Encoded(Stripes(i)));
        images = ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 24, Workers = 1 });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_separable_set_is_learnt_and_tells_on_images_not_seen()
    {
        using var network = Network();
        var weights = Parameter(network);
        var (train, test) = LabelShare.HoldOut(images.Labels!, 0.5, seed: 1, "test");
        var losses = new List<double>();
        using var tuned = FineTuning.Run(
            network, images, train, Of(train), 2, Size, Options, seed: 1, CPU, progress: (_, loss) => losses.Add(loss));
        using var scores = tuned.Scores(new(images, Size, CPU, test));
        Assert.InRange(TopAccuracy.Of(scores, Of(test)).Top1.Value, 0.9, 1);
        Assert.Equal(Options.Epochs, losses.Count);
        Assert.Equal(Math.Log(2), losses[0], 0.3);
        Assert.True(losses[^1] < 0.3, $"{losses[^1]}");
        Assert.NotEqual(weights, Parameter(network));
        Assert.False(network.training);
    }

    [Fact]
    public void A_backbone_of_rate_zero_stays_and_its_statistics_are_those_of_the_images()
    {
        using var network = Network();
        var weights = Parameter(network);
        var all = Enumerable.Range(0, images.Count).ToArray();
        using var tuned = FineTuning.Run(
            network, images, all, images.Labels!, 2, Size, Options with { Rate = 0, Epochs = 1 }, seed: 1, CPU, calibrationImages: 48);
        Assert.Equal(weights, Parameter(network));
        // One batch of all images: the plain mean of the first layer's output.
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var convolution = (Conv2d)network.modules().First(m => m is Conv2d);
        var norm = (BatchNorm2d)network.modules().First(m => m is BatchNorm2d);
        var maps = new EvaluationImages(images, Size, CPU).Features(convolution.call);
        Assert.True(norm.running_mean!.allclose(maps.mean([0L, 2L, 3L]), rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        Assert.Equal(Bits(seed: 3), Bits(seed: 3));
        Assert.NotEqual(Bits(seed: 3), Bits(seed: 4));

        float[] Bits(long seed)
        {
            using var network = Network();
            FineTuning.Run(
                    network, images, [.. Enumerable.Range(0, 20)], images.Labels![..20], 2, Size, Options with { Epochs = 2 }, seed, CPU)
                .Dispose();
            return Parameter(network);
        }
    }

    [Fact]
    public void Tensors_stay_flat_and_are_freed()
    {
        var indices = Enumerable.Range(0, 20).ToArray();
        using var network = Network();
        // The gradients of the network's parameters stay with them.
        FineTuning.Run(network, images, indices, Of(indices), 2, Size, Options with { Epochs = 1 }, seed: 1, CPU).Dispose();
        var before = LiveTensors.Count;
        var live = new List<long>();
        FineTuning.Run(
                network, images, indices, Of(indices), 2, Size, Options, seed: 1, CPU, progress: (_, _) => live.Add(LiveTensors.Count))
            .Dispose();
        Assert.Single(live.Distinct());
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void Rates_that_are_far_too_high_are_said()
    {
        using var network = Network();
        var error = Assert.Throws<InvalidOperationException>(() => FineTuning.Run(
            network, images, [.. Enumerable.Range(0, images.Count)], images.Labels!, 2, Size, Options with { Rate = 1e20, HeadRate = 1e20 },
                seed: 1, CPU));
        Assert.StartsWith("fine-tuning diverged", error.Message);
    }

    /// <summary>The loss of the only step is of weights before it.</summary>
    [Fact]
    public void A_last_step_that_diverges_is_said()
    {
        using var network = Network();
        var few = Options with { Epochs = 1, Batch = images.Count, Rate = 1e39, HeadRate = 1e39 };
        var error = Assert.Throws<InvalidOperationException>(
            () => FineTuning.Run(network, images, [.. Enumerable.Range(0, images.Count)], images.Labels!, 2, Size, few, seed: 1, CPU));
        Assert.StartsWith("fine-tuning diverged in its last steps", error.Message);
    }

    private int[] Of(int[] indices) => Array.ConvertAll(indices, i => images.Labels![i]);

    private static float[] Parameter(nn.Module<Tensor, Tensor> network) =>
        network.parameters().First().detach().flatten().data<float>().ToArray();

    private static nn.Module<Tensor, Tensor> Network()
    {
        random.manual_seed(5);
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride: 2, padding: 1, bias: false), nn.BatchNorm2d(16), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten());
    }

    private static Image Stripes(int i)
    {
        const int side = 24;
        var draws = CounterRandom.For((ulong)i, "stripes");
        var (period, phase) = (draws.Between(4, 7), draws.Between(0, 7));
        var rgb = new byte[3 * side * side];
        for (var p = 0; p < rgb.Length; p++)
        {
            var (x, y) = (p / 3 % side, p / 3 / side);
            rgb[p] = (byte)(128 + 90 * Math.Sin(((i % 2 == 0 ? x : y) + phase) * 2 * Math.PI / period) + draws.Between(-20, 20));
        }
        return new(side, side, rgb);
    }
}
