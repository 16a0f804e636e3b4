using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Onnx;

namespace DataSsl.Families.Tests;

/// <summary>The ONNX files that emit leaves, of every family.</summary>
public sealed class EmittedOnnxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("emitted-onnx-").FullName;

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Spaces))]
    public void Metadata_names_the_network_and_each_key_once(string name)
    {
        var (space, architecture) = Emit(name);
        Assert.Equal(3, space.InputChannels);
        var shortSide = (int)Math.Round(space.InputSize * 256 / 224.0);
        var preprocessing = "{\"orientation\":\"upright, as EXIF says\",\"channels\":\"RGB\",\"resizeShortSide\":" + shortSide
            + ",\"interpolation\":\"bilinear\",\"antialias\":true,\"rounding\":\"none\",\"crop\":\"center\",\"size\":" + space.InputSize
            + ",\"range\":[0,1],\"mean\":[0.485,0.456,0.406],\"deviation\":[0.229,0.224,0.225]}";
        foreach (var file in Directory.GetFiles(folder, "*.onnx"))
            Assert.Equal(
                [
                    ("architecture", architecture.ToString()), ("class", "Net"), ("preprocessing", preprocessing),
                    ("size", $"{space.InputSize}"), ("space", $"{space.Name} {space.Hash}"),
                ],
                OnnxFile.Metadata(file).OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    /// <summary>
    /// The reader of keys sees what it is there for: a second key, which ONNX forbids and the runtime passes over, is one entry of metadata
    /// more.
    /// </summary>
    [Fact]
    public void A_key_that_stands_twice_is_found()
    {
        _ = Emit(SmallSpaces.Handwritten[0].Name);
        var file = Path.Combine(folder, "Net.onnx");
        // metadata_props (field 14), 12 bytes: key (field 1) "size", value (field 2) "7".
        using (var end = new FileStream(file, FileMode.Append))
            end.Write([(14 << 3) | 2, 9, (1 << 3) | 2, 4, (byte)'s', (byte)'i', (byte)'z', (byte)'e', (2 << 3) | 2, 1, (byte)'7']);
        Assert.Equal(2, OnnxFile.Metadata(file).Count(entry => entry.Key == "size"));
        new OnnxModel(file, threads: 1).Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(2000)]
    public void What_onnx_runtime_does_not_take_is_one_line(int length)
    {
        _ = Emit(SmallSpaces.Handwritten[0].Name);
        var file = Path.Combine(folder, "Net.onnx");
        using (var cut = File.OpenWrite(file)) cut.SetLength(length);
        var error = Assert.Throws<InvalidDataException>(() => new OnnxModel(file, threads: 1).Dispose());
        Assert.StartsWith($"{file}: ONNX Runtime does not take the file (", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private (SearchSpace Space, Architecture Architecture) Emit(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(1, space);
        var architecture = space.Parse("OffGrid");
        new WinnerEmitter(networks.Student, images)
            .Emit(folder, "Net", "Emitted", architecture, space.InputSize, [], WinnerForm.Parse("onnx,onnx-half"));
        Assert.Equal(
            ["Net.half.onnx", "Net.onnx"], Directory.GetFiles(folder, "*.onnx").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        return (space, architecture);
    }
}
