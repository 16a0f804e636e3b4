using System.Buffers.Binary;
using System.Text.Json;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
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
    [InlineData(-4, "tensor '")]
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
    public void A_cut_file_of_another_writer()
    {
        Foreign.Rewrite(path);
        Assert.False(IsChecked());
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        // Whichever lies last, one that the class does not read too.
        MustRefuse($"tensor '{Last(File.ReadAllBytes(path))}' is cut short");
    }

    [Fact]
    public void Weights_of_ours_pass_their_checksum() => Assert.True(IsChecked());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_file_of_ours_without_its_checksum(string? checksum)
    {
        Foreign.Rewrite(path, new() { ["writer"] = "datassl", ["checksum"] = checksum });
        MustRefuse(
            checksum is null
                ? "its metadata are of datassl, which always writes a checksum, and have none"
                : "its checksum is not of 64 hexadecimal digits");
    }

    [Fact]
    public void A_value_that_is_no_number()
    {
        Write(state => state.Select(t => t.Name == "bn1.bias" ? (t.Name, t.Tensor.mul(double.NaN)) : t));
        MustRefuse("tensor 'bn1.bias' holds a value that is not finite");
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
        MustRefuse("'conv1.weight' is not a tensor of 32-bit or 16-bit numbers of shape [");
    }

    [Fact]
    public void Another_type()
    {
        Write(state => state.Select(t => t.Name == "bn1.bias" ? (t.Name, t.Tensor.to(ScalarType.Int64)) : t));
        MustRefuse("'bn1.bias' is not a tensor of 32-bit or 16-bit numbers of shape [");
    }

    /// <summary>
    /// What half the space holds, the class computes with, and nothing else: to the bit what the same values in 32 bits give.
    /// </summary>
    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Weights_of_16_bits(ScalarType type)
    {
        var image = Enumerable.Range(0, SmallBasic.Space.InputChannels * SmallBasic.Space.InputSize * SmallBasic.Space.InputSize)
            .Select(i => MathF.Sin(i)).ToArray();
        var (_, module) = fixture.Networks.Weights(0);
        var halves = module.state_dict().Select(e => (e.Key, Tensor: e.Value.is_floating_point() ? e.Value.to(type) : e.Value)).ToList();
        SafeTensors.Write(path, halves, new Dictionary<string, string>());
        var half = Run();
        SafeTensors.Write(
            path, halves.Select(t => (t.Key, t.Tensor.is_floating_point() ? t.Tensor.to(ScalarType.Float32) : t.Tensor)),
            new Dictionary<string, string>());
        Assert.Equal(Run(), half);
        module.Dispose();

        float[][] Run() => (float[][])fixture.Networks.Call(0, "Run", path, 1, 0, image)!;
    }

    /// <summary>A deeper network has every tensor of this one, in the same shapes.</summary>
    [Fact]
    public void Another_architecture()
    {
        File.Copy(fixture.Networks.Weights(1).Path, path, overwrite: true);
        MustRefuse("'layer");
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
        return header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__")
            .MaxBy(entry => entry.Value.GetProperty("data_offsets")[1].GetInt64()).Name;
    }

    private void Load() =>
        fixture.Networks.Call(
            0, "Allocated", path, 1, new float[SmallBasic.Space.InputChannels * SmallBasic.Space.InputSize * SmallBasic.Space.InputSize]);

    private bool IsChecked() => (bool)fixture.Networks.Call(0, "IsChecked", path)!;

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
