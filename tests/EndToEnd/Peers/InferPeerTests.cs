using DataSsl.Peers.Infer;
using DataSsl.Search.Networks;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>The peers of bench infer embed as the emitted class does, from the same weights.</summary>
public sealed class InferPeerTests
{
    private const int Size = 64;

    [Theory]
    [InlineData("DataResNet", "ResNet50", "resnet50", false)]
    [InlineData("DataResNet", "ResNet50", "resnet50", true)]
    [InlineData("MobileNets", "MobileNetV2", "mobilenet_v2", false)]
    [InlineData("MobileNets", "MobileNetV2", "mobilenet_v2", true)]
    public void In_TorchSharp(string space, string anchor, string name, bool folded)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (state, x, expected) = Ours(space, anchor);
        foreach (var channelsLast in new[] { false, true })
        {
            var network = Network.Create(name, (key, _) => state[key], new(folded, ScalarType.Float32));
            network.Lay(channelsLast);
            var images = channelsLast ? DataSsl.Torch.MemoryFormat.ChannelsLast(x) : x;
            Close(expected, network.Embed(images).data<float>().ToArray());
        }
    }

    [SkippableTheory]
    [InlineData("DataResNet", "ResNet50", "resnet50", "torchvision")]
    [InlineData("DataResNet", "ResNet50", "resnet50", "torchvision-frozen")]
    [InlineData("DataResNet", "ResNet50", "resnet50", "supernet")]
    [InlineData("MobileNets", "MobileNetV2", "mobilenet_v2", "torchvision-frozen")]
    [InlineData("MobileNets", "MobileNetV2", "mobilenet_v2", "supernet")]
    public void In_PyTorch(string space, string anchor, string name, string variant)
    {
        PyTorchPeers.Require();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (state, x, expected) = Ours(space, anchor);
        Close(
            expected,
            PyTorchPeers.Numbers(
                [.. state.Where(w => w.Value.dim() > 0).Select(w => ($"net.{w.Key}", w.Value)), ("images", x)], ["infer", variant, name]));
    }

    /// <summary>Weights and statistics at random, and what the emitted class makes of two images with them.</summary>
    private static (Dictionary<string, Tensor> State, Tensor Images, float[] Embeddings) Ours(string space, string anchor)
    {
        manual_seed(5);
        using var network = FixedNetwork.Untrained(
            CompiledSpaces.All.Single(s => s.Name == space).Parse(anchor), Size, folded: false, ScalarType.Float32);
        foreach (var (name, values) in network.state_dict())
        {
            if (values.dim() == 0) continue;
            if (name.EndsWith("running_mean", StringComparison.Ordinal)) values.copy_(randn_like(values).mul_(0.1));
            else if (name.EndsWith("running_var", StringComparison.Ordinal)) values.copy_(rand_like(values).add_(0.5));
            else if (values.dim() == 1) values.copy_(rand_like(values).mul_(0.5).add_(0.25));
            else values.copy_(randn_like(values).mul_(Math.Sqrt(2.0 / (values.numel() / values.shape[0]))));
        }
        var x = randn(2, 3, Size, Size);
        return (network.state_dict().ToDictionary(w => w.Key, w => w.Value.clone()), x, network.call(x).data<float>().ToArray());
    }

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 1e-3, "the embeddings are all but zero");
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * scale));
    }
}
