using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Heads;

/// <summary>Networks of every family as backbones.</summary>
public sealed class BackboneTests
{
    private const int Size = 64;

    private static readonly SearchSpace[] s_spaces = [DenseBottleneck.Space, DenseBasic.Space, DenseMobile.Space, DenseTransformer.Space];

    public static TheoryData<string> Spaces => [.. s_spaces.Select(space => space.Name)];

    /// <summary>Maps at four scales with the channels that are said, the largest and the smallest subnet.</summary>
    [Theory]
    [MemberData(nameof(Spaces))]
    public void Maps_are_halves_of_one_another(string name)
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        var space = s_spaces.Single(s => s.Name == name);
        var net = Network(space, store);
        foreach (var architecture in new[] { space.Max, space.Min })
        {
            using var backbone = new SubnetBackbone(net, architecture);
            var maps = backbone.Maps(Images());
            Assert.Equal(
                Enumerable.Range(0, 4).Select(i => (Channels: backbone.Channels[i], Side: (long)Size >> i + 2)),
                maps.Select(map => (map.shape[1], map.shape[2])));
        }
    }

    /// <summary>The box head of Faster R-CNN C4 on the whole of C4 is C5 itself, to the bit.</summary>
    [Theory]
    [InlineData("DenseBottleneck")]
    [InlineData("DenseBasic")]
    [InlineData("DenseMobile")]
    public void The_last_stages_run_by_themselves(string name)
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        var space = s_spaces.Single(s => s.Name == name);
        var net = Network(space, store);
        using var backbone = new SubnetBackbone(net, space.Max);
        var images = Images();
        var maps = backbone.Maps(images);
        Assert.Equal(maps[2].data<float>().ToArray(), backbone.C4(images).data<float>().ToArray());
        Assert.Equal(maps[3].data<float>().ToArray(), backbone.C5(maps[2]).data<float>().ToArray());
    }

    [Fact]
    public void A_transformer_has_no_stages_for_c4()
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        using var backbone = new SubnetBackbone(Network(DenseTransformer.Space, store), DenseTransformer.Space.Max);
        using var detector = new FasterRcnnC4(backbone, classes: 2, seed: 1);
        Assert.Contains(
            "take fcos or fpn", Assert.Throws<UserException>(() => detector.Detect(PaddedImages.Of([zeros(3, Size, Size)]))).Message);
    }

    [Fact]
    public void A_space_without_four_maps_is_refused()
    {
        using var store = new ParameterStore();
        var net = Network(Shallow.Space, store);
        Assert.Contains("Shallow has no C", Assert.Throws<UserException>(() => new SubnetBackbone(net, Shallow.Space.Max)).Message);
    }

    /// <summary>The weights of a subnet get the gradients of a detector's losses.</summary>
    [Theory]
    [MemberData(nameof(Spaces))]
    public void A_subnet_learns_under_a_detector(string name)
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        var space = s_spaces.Single(s => s.Name == name);
        using var detector = new Fcos(
            new SubnetBackbone(Network(space, store, trainable: true), space.Max), classes: 2, seed: 1, width: 8,
            new() { Groups = 4, Depth = 1 });
        store.ZeroGradients();
        var losses = detector.Losses(new(Images(), [new(Size, Size), new(Size, Size)]), [Square(8, 40), Square(20, 60)], seed: 1, step: 0);
        Assert.All(losses, loss => Assert.True(float.IsFinite(loss.Value.item<float>()), loss.Key));
        losses.Values.Aggregate((a, b) => a + b).backward();
        Assert.True(store.Gradients.isfinite().all().item<bool>());
        Assert.NotEqual(0, store.Gradients.abs().sum().item<float>());
    }

    /// <summary>Emitted classes have the same maps, and a residual one's last stage runs by itself; the backbone frees it.</summary>
    [Theory]
    [InlineData("Bottleneck", true)]
    [InlineData("Basic", true)]
    [InlineData("Mobile", false)]
    [InlineData("Transformer", false)]
    public void Emitted_classes_are_backbones(string family, bool hasLastStage)
    {
        using var scope = NewDisposeScope();
        nn.Module<Tensor, Tensor> network = family switch
        {
            "Bottleneck" => new LargestBottleneck(),
            "Basic" => new LargestBasic(),
            "Mobile" => new LargestMobile(),
            _ => new LargestTransformer(),
        };
        network.train();
        var parameters = network.parameters().ToList();
        using (var backbone = NetworkBackbone.Of(network, Size))
        {
            Assert.True(network.training);
            var maps = backbone.Maps(Images());
            Assert.Equal(
                Enumerable.Range(0, 4).Select(i => (Channels: backbone.Channels[i], Side: (long)Size >> i + 2)),
                maps.Select(map => (map.shape[1], map.shape[2])));
            maps.Aggregate(zeros(1), (sum, map) => sum + map.square().sum()).backward();
            Assert.All(
                network.parameters(), parameter => Assert.True(parameter.grad is not null && parameter.grad.isfinite().all().item<bool>()));
            backbone.eval();
            maps = backbone.Maps(Images());
            if (hasLastStage) Assert.Equal(maps[3].data<float>().ToArray(), backbone.C5(maps[2]).data<float>().ToArray());
            else Assert.Throws<UserException>(() => backbone.C5(maps[2]));
        }
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void An_emitted_class_without_four_maps_is_refused()
    {
        using var scope = NewDisposeScope();
        using var shallow = new LargestShallow();
        Assert.Contains("LargestShallow has 2", Assert.Throws<UserException>(() => NetworkBackbone.Of(shallow, 32)).Message);
        using var foreign = nn.Sequential(nn.Conv2d(3, 4, 3));
        Assert.Contains("is no emitted class", Assert.Throws<UserException>(() => NetworkBackbone.Of(foreign, 32)).Message);
    }

    private static Tensor Images() => Seeded.Uniform("backbones", [2, 3, Size, Size], Math.Sqrt(3));

    private static Target Square(float from, float to) => new(tensor(new[] { from, from, to, to }, [1, 4]), zeros(1, ScalarType.Int64));

    private static Supernet Network(SearchSpace space, ParameterStore store, bool trainable = false)
    {
        var net = space.CreateSupernet(store);
        store.Allocate(CPU, ScalarType.Float32, trainable);
        store.Initialize(1);
        return net;
    }
}
