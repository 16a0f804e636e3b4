using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

public sealed class WinnerEmitterTests : IDisposable
{
    private static readonly string[] Provenance = ["made by a test"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Spaces => ["Tiny", "Demo"];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void EveryClassEqualsItsSlice(string name)
    {
        var (space, draws) = name == "Tiny" ? (Tiny.Space, 20) : (Demo.Space, 3);
        using var networks = TestNetworks.Of(space);
        using var images = TestNetworks.Images(20, space.InputSize);
        var emitter = new WinnerEmitter(networks.Student, images);
        var random = CounterRandom.For(2, "emit tests");
        var architectures = Enumerable.Range(0, draws).Select(_ => space.Sample(ref random)).Append(space.Max).Append(space.Min)
            .Concat(space.Anchors.Select(a => space.Parse(a.Name))).ToList();
        for (var i = 0; i < architectures.Count; i++)
        {
            var emitted = emitter.Emit(folder.Path, $"Net{i}", "Acme.Models", architectures[i], space.InputSize, Provenance);
            Assert.Equal(0, emitted.MaxAbsDifference);
            if (i >= draws) MustLoadAgain(emitted, networks.Student, architectures[i], images);
        }
        Assert.Equal(2 * architectures.Count, Directory.GetFiles(folder.Path).Length);
    }

    [Theory]
    [InlineData("conv1.weight")]
    [InlineData("layer1.0.bn3.weight")]
    [InlineData("layer4.1.conv2.weight")]
    [InlineData("layer2.0.downsample.1.running_var")]
    public void OneWrongWeightIsNotEmitted(string key)
    {
        var error = MustRefuse(path =>
        {
            var (tensors, metadata) = SafeTensors.Read(path);
            using (var first = tensors[key].view(-1).narrow(0, 0, 1)) first.add_(0.01);
            SafeTensors.Write(path, tensors.Select(t => (t.Key, t.Value)), metadata);
            foreach (var value in tensors.Values) value.Dispose();
        });
        Assert.Matches("^Damaged differs from its supernet slice by [0-9.e-]+: not emitted$", error.Message);
    }

    [Fact]
    public void NotANumberIsNotEmitted() => Assert.Contains("tensor 'conv1.weight' holds a value that is not finite", MustRefuse(path =>
    {
        var (tensors, metadata) = SafeTensors.Read(path);
        tensors["conv1.weight"].fill_(double.NaN);
        SafeTensors.Write(path, tensors.Select(t => (t.Key, t.Value)), metadata);
        foreach (var value in tensors.Values) value.Dispose();
    }).Message);

    [Fact]
    public void ACutFileIsNotEmitted() => Assert.Contains("cut short", MustRefuse(path =>
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length - 12);
    }).Message);

    [Fact]
    public void ARefusalLeavesAnEarlierClassAlone()
    {
        File.WriteAllText(folder.File("Damaged.cs"), "// mine");
        File.WriteAllText(folder.File("Damaged.safetensors"), "mine");
        Refuse(path => File.WriteAllText(path, "not weights"));
        Assert.Equal(["// mine", "mine"], new[] { "Damaged.cs", "Damaged.safetensors" }.Select(f => File.ReadAllText(folder.File(f))));
    }

    [Fact]
    public void WhereTheSourceCannotBeWrittenNoWeightsStay()
    {
        Directory.CreateDirectory(folder.File("Damaged.cs"));
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(4, 16);
        Assert.ThrowsAny<SystemException>(
            () => new WinnerEmitter(networks.Student, images).Emit(folder.Path, "Damaged", "Acme", Tiny.Space.Min, 16, []));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void ProvenanceStaysInItsComment()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(4, 16);
        string[] lines = ["one\r#error two", "three\n#error four", "five\u2028#error six"];
        var emitted = new WinnerEmitter(networks.Student, images).Emit(folder.Path, "Net", "Acme", Tiny.Space.Min, 16, lines);
        Assert.Contains("// one #error two\n// three #error four\n// five #error six\n", File.ReadAllText(emitted.SourcePath));
    }

    private InvalidOperationException MustRefuse(Action<string> damage)
    {
        var error = Refuse(damage);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        return error;
    }

    private InvalidOperationException Refuse(Action<string> damage)
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(8, 16);
        var emitter = new WinnerEmitter(networks.Student, images) { BeforeProof = damage };
        return Assert.Throws<InvalidOperationException>(
            () => emitter.Emit(folder.Path, "Damaged", "Acme.Models", Tiny.Space.Max, 16, Provenance));
    }

    private static void MustLoadAgain(EmittedClass emitted, Supernet net, Architecture architecture, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var module = new EmittedModule(File.ReadAllText(emitted.SourcePath), $"Acme.Models.{emitted.ClassName}");
        module.Load(emitted.WeightsPath);
        using var statistics = net.Calibrate(architecture, [images]);
        net.Statistics = statistics;
        var expected = net.Embed(images, architecture);
        net.Statistics = null;
        Assert.Equal(0, (module.Outputs(images)[^1] - expected).abs().max().item<float>());
    }
}
