using DataSsl.Generator;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Emit.Forms;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>What an emitted class says of files that are not its weights: one line that names the file and the trouble.</summary>
public sealed class EmittedLoaderTests : IDisposable
{
    private static readonly Dictionary<string, string> NoMetadata = [];
    private readonly TemporaryFolder folder = new();
    private readonly EmittedModule module;

    public EmittedLoaderTests()
    {
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse("Tiny", Tiny.Space.Source).Space!);
        var choices = Tiny.Space.Min.Choices.ToArray().ToEquatableArray();
        module = new(
            SpaceCompiler.EmitFixedClass(plan, new("Net", "Acme", choices, 16, Array.Empty<string>().ToEquatableArray())), "Acme.Net");
        Write(state => state);
    }

    private string Path => folder.File("weights.safetensors");

    public void Dispose()
    {
        module.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void ItsOwnWeightsLoad()
    {
        module.Load(Path);
        Assert.True(module.IsChecked);
    }

    [Fact]
    public void OtherPartsAndCountersArePassedOver()
    {
        Write(
            state =>
                state.Where(t => !t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Append(("fc.weight", zeros(10, 32))));
        module.Load(Path);
    }

    [Theory]
    [InlineData(0, "not a safetensors file")]
    [InlineData(7, "not a safetensors file")]
    [InlineData(8, "not a safetensors file")]
    [InlineData(400, "not a safetensors file")]
    [InlineData(-4, "tensor '")]
    [InlineData(-1000, "tensor '")]
    public void ACutFile(int length, string trouble)
    {
        using (var file = File.OpenWrite(Path)) file.SetLength(length < 0 ? file.Length + length : length);
        MustRefuse(trouble);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public void AChangedByte(int place)
    {
        var bytes = System.IO.File.ReadAllBytes(Path);
        bytes[place < 0 ? bytes.Length + place : place] ^= 2;
        System.IO.File.WriteAllBytes(Path, bytes);
        Assert.ThrowsAny<InvalidDataException>(() => module.Load(Path));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[1, 2]")]
    public void AHeaderThatIsNone(string text)
    {
        System.IO.File.WriteAllBytes(Path, [.. BitConverter.GetBytes((long)text.Length), .. System.Text.Encoding.UTF8.GetBytes(text)]);
        MustRefuse("not a safetensors file (");
    }

    /// <summary>Other writers know no checksum; what they cut short is found by the places of the tensors.</summary>
    [Fact]
    public void ACutFileOfAnotherWriter()
    {
        Foreign.Rewrite(Path);
        module.Load(Path);
        Assert.False(module.IsChecked);
        System.IO.File.WriteAllBytes(Path, System.IO.File.ReadAllBytes(Path)[..^12]);
        MustRefuse("tensor 'layer4.0.downsample.1.running_var' is cut short");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void AFileOfOursWithoutItsChecksum(string? checksum)
    {
        Foreign.Rewrite(Path, new() { ["writer"] = "datassl", ["checksum"] = checksum });
        MustRefuse(
            checksum is null
                ? "its metadata are of datassl, which always writes a checksum, and have none"
                : "its checksum is not of 64 hexadecimal digits");
    }

    [Fact]
    public void AValueThatIsNoNumber()
    {
        Write(state => state.Select(t => t.Name == "layer2.0.bn2.bias" ? (t.Name, t.Tensor.mul(double.PositiveInfinity)) : t));
        MustRefuse("tensor 'layer2.0.bn2.bias' holds a value that is not finite");
    }

    /// <summary>What was refused leaves the network as it was, whatever of the file came before the trouble.</summary>
    [Fact]
    public void ARefusedFileChangesNothing()
    {
        module.Load(Path);
        var before = module.Module.state_dict().ToDictionary(e => e.Key, e => e.Value.bytes.ToArray());
        Write(
            state =>
                state.Select(t => (t.Name, t.Tensor.is_floating_point() ? t.Tensor.mul(2) : t.Tensor))
                    .Append(("layer2.1.conv1.weight", zeros(1))));
        Assert.Throws<InvalidDataException>(() => module.Load(Path));
        Assert.All(module.Module.state_dict(), e => Assert.Equal(before[e.Key], e.Value.bytes.ToArray()));
    }

    [Fact]
    public void AMissingTensor()
    {
        Write(state => state.Where(t => t.Name != "layer2.0.bn2.running_mean"));
        MustRefuse("no tensor 'layer2.0.bn2.running_mean'");
    }

    [Fact]
    public void AnotherShape()
    {
        Write(state => state.Select(t => t.Name == "conv1.weight" ? (t.Name, t.Tensor.transpose(0, 1)) : t));
        MustRefuse("'conv1.weight' is not a tensor of 32-bit or 16-bit numbers of shape [4, 3, 3, 3]");
    }

    [Fact]
    public void AnotherType()
    {
        Write(state => state.Select(t => t.Name == "bn1.bias" ? (t.Name, t.Tensor.to(ScalarType.Int64)) : t));
        MustRefuse("'bn1.bias' is not a tensor of 32-bit or 16-bit numbers of shape [4]");
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void HalfPrecisionIsWidened(ScalarType type)
    {
        var key = "layer1.0.conv1.weight";
        using var expected = module.Module.state_dict()[key].to(type).to(ScalarType.Float32);
        Write(
            state => state.Select(t => t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? t : (t.Name, t.Tensor.to(type))));
        module.Load(Path);
        Assert.Equal(expected.data<float>().ToArray(), module.Module.state_dict()[key].data<float>().ToArray());
    }

    /// <summary>What float16 cannot hold stays in 32 bits.</summary>
    [Fact]
    public void AWeightBeyondHalfPrecisionIsKept()
    {
        using (no_grad()) module.Module.state_dict()["conv1.weight"].fill_(1e6);
        Write(HalfPrecision.Of);
        var expected = module.Module.state_dict()["conv1.weight"].data<float>().ToArray();
        using (no_grad()) module.Module.state_dict()["conv1.weight"].zero_();
        module.Load(Path);
        Assert.Equal(expected, module.Module.state_dict()["conv1.weight"].data<float>().ToArray());
        Assert.Equal(ScalarType.Float16, SafeTensors.Read(Path).Tensors["layer1.0.conv1.weight"].dtype);
    }

    /// <summary>A deeper network of the same widths holds all that this one asks for.</summary>
    [Fact]
    public void WeightsOfADeeperArchitecture()
    {
        Write(state => state.Append(("layer2.1.conv1.weight", zeros(1))));
        MustRefuse("'layer2.1.conv1.weight' is no tensor of this network: weights of another architecture");
    }

    private void Write(Func<IEnumerable<(string Name, Tensor Tensor)>, IEnumerable<(string, Tensor)>> change) =>
        SafeTensors.Write(Path, change(module.Module.state_dict().Select(e => (e.Key, e.Value))), NoMetadata);

    private void MustRefuse(string trouble)
    {
        var error = Assert.Throws<InvalidDataException>(() => module.Load(Path));
        Assert.StartsWith($"{Path}: {trouble}", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
