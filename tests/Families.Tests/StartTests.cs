using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using DataSsl.Search.Start;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>
/// A supernet that starts from a given network: its slice is the network, what lies beyond is silent, and another order of channels changes
/// rounding alone.
/// </summary>
public sealed class StartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("start-").FullName;

    public static TheoryData<string> Spaces => SmallSpaces.Names;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Spaces))]
    public void The_slice_is_the_given_network_to_the_bit(string name)
    {
        var space = SmallSpaces.Named(name);
        foreach (var architecture in SmallSpaces.Draws(space, 1))
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var (file, expected) = Given(space, architecture);
            using var given = GivenNetwork.Read(file, space);
            Assert.Equal(space.Macs(architecture, space.InputSize), space.Macs(given.Architecture, space.InputSize));
            using var start = new GivenStart(given, seed: 3, sorted: false);
            var actual = Embedding(start, given.Architecture);
            Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
        }
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Sorting_changes_rounding_alone_and_Max_computes_the_same(string name)
    {
        var space = SmallSpaces.Named(name);
        var moved = 0;
        foreach (var architecture in SmallSpaces.Draws(space, 1))
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            // A transformer that becomes wider has its LayerNorms over more channels.
            var (file, expected) = Given(space, architecture);
            using var given = GivenNetwork.Read(file, space);
            using var start = new GivenStart(given, seed: 3, sorted: true);
            var scale = expected.abs().max().item<float>();
            var (own, largest) = (Embedding(start, given.Architecture), Embedding(start, space.Max));
            if ((own - expected).abs().max().item<float>() > 0) moved++;
            // The embedding's channels are in another order where the space slices them.
            Assert.InRange(Difference(expected, own), 0, 1e-5 * scale);
            var isWider = space.Family == "vit" && architecture.Channels(0) < space.Max.Channels(0);
            if (isWider) continue;
            var width = own.shape[1];
            Assert.InRange((largest.narrow(1, 0, width) - own).abs().max().item<float>(), 0, 2e-6 * scale);
            if (largest.shape[1] > width)
                Assert.InRange(largest.narrow(1, width, largest.shape[1] - width).abs().max().item<float>(), 0, 1e-6 * scale);
        }
        Assert.True(
            moved > 0 || space.Axes.All(axis => axis.Values.Count == 1 || axis.Kind is "depth" or "kernel" or "mlp" or "heads"),
            "no sums were rounded otherwise: nothing was sorted");
    }

    /// <summary>Of sorted channels each image has the same values, whatever their order.</summary>
    private static double Difference(Tensor expected, Tensor actual) =>
        (expected.sort(1).Values - actual.sort(1).Values).abs().max().item<float>();

    /// <summary>An architecture's class with random weights: its file, and its embedding of some images.</summary>
    private (string File, Tensor Embedding) Given(SearchSpace space, Architecture architecture)
    {
        using var module = FixedNetwork.Untrained(architecture, space.InputSize, folded: false, ScalarType.Float32);
        using var random = new TorchSharp.torch.Generator(9);
        foreach (var (key, value) in module.state_dict()) PeerNetworks.Randomise(key, value, random);
        var file = Path.Combine(folder, "given.safetensors");
        SafeTensors.Write(file, module.state_dict().Select(e => (e.Key, e.Value)), new Dictionary<string, string>());
        using var images = SmallSpaces.Images(3, space);
        return (file, module.call(images));
    }

    private static Tensor Embedding(GivenStart start, Architecture architecture)
    {
        using var images = SmallSpaces.Images(3, architecture.Space);
        using var statistics = start.StatisticsOf(architecture);
        start.Net.Statistics = statistics;
        return start.Net.Embed(images, architecture);
    }
}
