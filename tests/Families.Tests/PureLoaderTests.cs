using System.Buffers.Binary;
using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>One emitted class whose weights are damaged in every test.</summary>
public sealed class PureLoaderFixture : IDisposable
{
    public PureLoaderFixture()
    {
        var space = SmallBasic.Space;
        var deeper = space.Min.Choices.ToArray();
        deeper[space.Axes.ToList().FindLastIndex(a => a.Kind == "depth")]++;
        Networks = new(space, [(space.Min, space.InputSize), (new Architecture(space, deeper), space.InputSize)]);
    }

    internal PureNetworks Networks { get; }

    public void Dispose() => Networks.Dispose();
}

/// <summary>What a pure C# class says of files that are not its weights: one line that names the file and the trouble.</summary>
public sealed class PureLoaderTests(PureLoaderFixture fixture) : IClassFixture<PureLoaderFixture>
{
    private readonly string path = fixture.Networks.Weights(0).Path;

    [Theory]
    [InlineData(0, "not a safetensors file")]
    [InlineData(7, "not a safetensors file")]
    [InlineData(400, "not a safetensors file")]
    [InlineData(-4, "its content does not have its checksum")]
    public void A_cut_file(int length, string trouble)
    {
        using (var file = File.OpenWrite(path)) file.SetLength(length < 0 ? file.Length + length : length);
        MustRefuse(trouble);
    }

    [Fact]
    public void A_changed_value()
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 2;
        File.WriteAllBytes(path, bytes);
        MustRefuse("its content does not have its checksum");
    }

    /// <summary>Other writers know no checksum; what they cut short is found by the places of the tensors.</summary>
    [Fact]
    public void A_cut_file_without_checksum()
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("\"checksum\""u8) + 1] = (byte)'C';
        File.WriteAllBytes(path, bytes);
        Load();
        File.WriteAllBytes(path, bytes[..^4]);
        // Whichever lies last, one that the class does not read too.
        var last = Last(bytes);
        MustRefuse($"'{last}' is cut short");
    }

    [Fact]
    public void A_missing_tensor()
    {
        Write(state => state.Where(t => t.Name != "layer2.0.bn2.running_mean"));
        MustRefuse("no tensor 'layer2.0.bn2.running_mean'");
    }

    [Fact]
    public void Another_shape()
    {
        Write(state => state.Select(t => t.Name == "conv1.weight" ? (t.Name, t.Tensor.transpose(0, 1)) : t));
        MustRefuse("'conv1.weight' is not a 32-bit tensor of shape [");
    }

    [Fact]
    public void Another_type()
    {
        Write(state => state.Select(t => t.Name == "bn1.bias" ? (t.Name, t.Tensor.to(ScalarType.BFloat16)) : t));
        MustRefuse("'bn1.bias' is not a 32-bit tensor of shape [");
    }

    /// <summary>A deeper network has every tensor of this one, in the same shapes.</summary>
    [Fact]
    public void Another_architecture()
    {
        File.Copy(fixture.Networks.Weights(1).Path, path, overwrite: true);
        MustRefuse("holds 'layer");
    }

    [Fact]
    public void Other_parts_are_passed_over()
    {
        Write(state => state.Append(("projector.weight", zeros(3, 4))));
        Load();
    }

    private static string Last(byte[] file)
    {
        using var header = JsonDocument.Parse(file.AsMemory(8, BinaryPrimitives.ReadInt32LittleEndian(file)));
        return header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").MaxBy(entry => entry.Value.GetProperty("data_offsets")[1].GetInt64()).Name;
    }

    private void Load() => fixture.Networks.Call(0, "Allocated", path, 1, new float[SmallBasic.Space.InputChannels * SmallBasic.Space.InputSize * SmallBasic.Space.InputSize]);

    private void Write(Func<IEnumerable<(string Name, Tensor Tensor)>, IEnumerable<(string, Tensor)>> change)
    {
        var (_, module) = fixture.Networks.Weights(0);
        SafeTensors.Write(path, change(module.state_dict().Select(e => (e.Key, e.Value))), new Dictionary<string, string>());
        module.Dispose();
    }

    private void MustRefuse(string trouble)
    {
        var error = Assert.Throws<InvalidDataException>(Load);
        Assert.StartsWith($"{path}: {trouble}", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
