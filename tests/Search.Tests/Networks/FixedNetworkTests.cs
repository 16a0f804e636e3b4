using DataSsl.Runtime;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Networks;

public sealed class FixedNetworkTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_slice_by_itself_gives_its_bits_and_shares_no_weight()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(8, Tiny.Space.InputSize);
        foreach (var architecture in new[] { Tiny.Space.Max, Tiny.Space.Min })
        {
            using var statistics = networks.Student.Calibrate(architecture, [images]);
            var expected = Embedded(networks, architecture, statistics, images);
            using var network = FixedNetwork.Of(networks.Student, architecture, statistics, CPU);
            Assert.False(network.training);
            Assert.Equal(expected, network.call(images).data<float>().ToArray());
            foreach (var parameter in network.parameters()) parameter.add_(1);
            Assert.Equal(expected, Embedded(networks, architecture, statistics, images));
        }
    }

    [Fact]
    public void An_emitted_class_is_read_with_the_size_that_it_is_for()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(8, 32);
        var emitted = new WinnerEmitter(networks.Student, images).Emit(folder.Path, "Read", "Acme.Models", Tiny.Space.Min, 32, []);
        var (network, name, size) = FixedNetwork.Read(emitted.SourcePath, emitted.WeightsPath, CPU);
        using (network)
        {
            Assert.Equal(("Read", 32), (name, size));
            using var statistics = networks.Student.Calibrate(Tiny.Space.Min, [images]);
            Assert.Equal(Embedded(networks, Tiny.Space.Min, statistics, images), network.call(images).data<float>().ToArray());
        }
    }

    [Fact]
    public void What_is_no_emitted_class_is_said()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(4, 32);
        var emitter = new WinnerEmitter(networks.Student, images);
        var (small, large) = (emitter.Emit(folder.Path, "Small", "Acme", Tiny.Space.Min, 32, []),
            emitter.Emit(folder.Path, "Large", "Acme", Tiny.Space.Max, 32, []));
        var text = Path.Combine(folder.Path, "text.cs");
        MustRefuse("no such file", text, small.WeightsPath);
        File.WriteAllText(text, "not C#");
        MustRefuse("does not compile", text, small.WeightsPath);
        File.WriteAllText(text, "public class Other { }");
        MustRefuse("holds no emitted class", text, small.WeightsPath);
        MustRefuse("not the weights of Large", large.SourcePath, small.WeightsPath);
        MustRefuse("no such file", small.SourcePath, Path.Combine(folder.Path, "none.safetensors"));
        MustRefuse("", small.SourcePath, text);
    }

    private static void MustRefuse(string why, string source, string weights) =>
        Assert.Contains(why, Assert.ThrowsAny<UserException>(() => FixedNetwork.Read(source, weights, CPU)).Message);

    private static float[] Embedded(NetworkPair networks, Architecture architecture, NormStatistics statistics, Tensor images)
    {
        networks.Student.Statistics = statistics;
        try
        {
            using var embedded = networks.Student.Embed(images, architecture);
            return embedded.data<float>().ToArray();
        }
        finally
        {
            networks.Student.Statistics = null;
        }
    }
}
