using System.Runtime.InteropServices;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data.Files;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using OpenCvSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// Runs over pictures of one band, of many and of 16 bits: what a band or a low byte says reaches the network, and each emitted form.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class BandsTests : IDisposable
{
    private const int Side = 32;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-bands-");
    private readonly string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");

    public BandsTests() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", File("cache"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_class_in_the_low_byte_of_a_fourth_band_is_found_and_without_it_is_not()
    {
        // Stripes along or across, of at most 90 of 65,535 levels, in the fourth band; the others say nothing of the class.
        foreach (var (set, each) in new[] { ("train", 60), ("test", 100) })
            for (var i = 0; i < 2 * each; i++)
            {
                var bands = Striped(i, seed: set.Length);
                Write($"deep/{set}/{i % 2}/{i}.tif", Tiff.Of(i % 3 == 0, Bands(bands, 4, i % 3 == 0)));
                Write($"plain/{set}/{i % 2}/{i}.png", Png.Of(Side, Side, 8, 2, y => HighBytes(bands, y)));
            }
        var said = Train("deep", 4, "deep/train").Error;
        Assert.Contains("pixels: 4 bands of 16 bits, less (", said, StringComparison.Ordinal);
        Train("plain", 3, "plain/train", "--normalise", "data");
        var (deep, plain) = (Probe("deep"), Probe("plain"));
        Assert.InRange((double)deep["accuracy"]!, 0.95, 1);
        Assert.InRange(0.5, (double)plain["low"]!, (double)plain["high"]!);

        static byte[] HighBytes(ushort[] bands, int y) =>
            [.. Enumerable.Range(0, 3 * Side).Select(i => (byte)(bands[(y * Side + i / 3) * 4 + i % 3] >> 8))];
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    [InlineData(5, 8)]
    public void Every_form_of_a_winner_is_the_network_of_the_run(int channels, int bits)
    {
        for (var i = 0; i < 24; i++) WritePicture($"data/{i}", channels, bits, i);
        Train("run", channels, "data");
        var options = Checkpoint.Describe(File($"run/{CheckpointFolder.NewestFile}")).Options;
        Assert.Equal(new(channels, bits), options.Pixels.Format);
        Command.Succeed(
        [
            .. With(channels), "search", "--checkpoint", File("run"), "--data", File("data"), "--budgets", "<=100M", "--images", "16",
            "--out", File("run"),
        ]);
        var emitting = Command.Succeed(
        [
            .. With(channels), "emit", "--search", File("run"), "--name", "Net", "--forms", "class,folded,onnx,csharp,onnx-uint8,files",
            "--out", File("out"),
        ]);
        // Every form that was written was proven: of 3 bands in 16 bits none takes bytes, whatever the number.
        var takesBytes = channels == 1 && bits == 8;
        Assert.Equal(takesBytes, !emitting.Error.Contains("onnx-uint8: left out", StringComparison.Ordinal));
        foreach (var name in new[] { "Net.uint8.onnx", "NetFiles.cs" })
            Assert.Equal(takesBytes, System.IO.File.Exists(File($"out/{name}")));
        foreach (var name in new[] { "Net.cs", "NetFolded.cs", "NetPure.cs", "Net.onnx", "Net.md" })
            Assert.True(System.IO.File.Exists(File($"out/{name}")), name);
        var pixels = Preprocessing.Read(File("out/Net.safetensors"));
        Assert.Equal(options.Pixels, pixels);
        Assert.Contains(pixels.Mean.ToString(), System.IO.File.ReadAllText(File("out/Net.md")), StringComparison.Ordinal);

        Command.Succeed("embed", "--emitted", File("out/Net.cs"), "--data", File("data"), "--out", File("found.npy"));
        var expected = Numbers(File("found.npy"));
        var store = ImageStore.Load(ImageSource.Open(File("data")), new() { Canvas = int.MaxValue, Pixels = pixels });
        using var scope = NewDisposeScope();
        using var images = ViewMaker.Make(store, [.. Enumerable.Range(0, store.Count)], ViewRecipe.CenterCrop(Side), 0, 0, 0, CPU);
        Assert.Equal([24, channels, Side, Side], images.shape);
        using var floats = new OnnxModel(File("out/Net.onnx"), 1);
        Near(floats.Run(images)["embedding"].data<float>().ToArray());
        var compiled = InMemoryCompiler.Compile(
            "Bands", Directory.GetFiles(File("out"), "*.cs").Select(System.IO.File.ReadAllText), typeof(Cv2).Assembly);
        using var pure = (IDisposable)Class("NetPure").GetMethod("Load")!.Invoke(null, [File("out/Net.safetensors"), 1, 0])!;
        var embed = Class("NetPure").GetMethod("Embed", [typeof(ReadOnlySpan<float>), typeof(Span<float>)])!
            .CreateDelegate<Embedding>(pure);
        var found = new float[expected.Length];
        embed(images.contiguous().data<float>().ToArray(), found);
        Near(found);
        if (!takesBytes) return;
        using var bytes = new OnnxModel(File("out/Net.uint8.onnx"), 1);
        var ofFile = Class("NetFiles").GetMethod("Embed", [Class("NetPure"), typeof(string)])!.CreateDelegate<Func<string, float[]>>(pure);
        Near([.. store.Places.SelectMany(i => bytes.Run(store.Get([i]).Images[0])["embedding"].data<float>().ToArray())]);
        Near([.. store.Places.SelectMany(i => ofFile(store.PathOf(i)))]);

        Type Class(string name) => compiled.GetType("DataSsl.Models." + name, throwOnError: true)!;

        void Near(float[] values)
        {
            Assert.Equal(expected.Length, values.Length);
            var (difference, length) = (values.Zip(expected, (a, b) => (double)(a - b) * (a - b)).Sum(), expected.Sum(b => (double)b * b));
            Assert.InRange(Math.Sqrt(difference / length), 0, 2e-5);
        }
    }

    private delegate void Embedding(ReadOnlySpan<float> images, Span<float> values);

    [Fact]
    public void Statistics_of_the_data_are_kept_and_go_on_and_a_default_run_says_nothing()
    {
        for (var i = 0; i < 24; i++) WritePicture($"data/{i}", 3, 8, i);
        Assert.DoesNotContain("pixels:", Train("usual", 3, "data").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ownPixels", System.IO.File.ReadAllText(File($"usual/{Trainer.OptionsFile}")), StringComparison.Ordinal);
        // Kept at 1.5 times their size, which is more than any has: the statistics are then of every pixel of the files.
        var said = Train("own", 3, "data", "--normalise", "data", "--size", "64").Error;
        Assert.Contains("pixels: red, green and blue of 8 bits, less (", said, StringComparison.Ordinal);
        var own = Checkpoint.Describe(File($"own/{CheckpointFolder.NewestFile}")).Options.Pixels;
        var all = Enumerable.Range(0, 24).SelectMany(i => ImageFile.Load(File($"data/{i}.png")).Pixels.ToArray())
            .Select(value => value / 255.0).ToArray();
        for (var band = 0; band < 3; band++)
            Assert.Equal(all.Where((_, i) => i % 3 == band).Average(), own.Mean[band], 1e-12);
        Assert.Contains("normalise: data\n  depth: 8\n", System.IO.File.ReadAllText(File("own/run.recipe.yaml")), StringComparison.Ordinal);
        Command.Succeed([.. With(3), "train", "--resume", "--out", File("own"), "--normalise", "data", "--epochs", "3"]);
        Assert.Equal(own, Checkpoint.Describe(File($"own/{CheckpointFolder.NewestFile}")).Options.Pixels);
        Assert.StartsWith(
            "--normalise imagenet: the run in",
            Command.Refuse([.. With(3), "train", "--resume", "--out", File("own"), "--normalise", "imagenet"]), StringComparison.Ordinal);
        // Eight bits of 16 where that is asked for, and sixteen of eight.
        Train("wide", 3, "data", "--depth", "16");
        Assert.Equal(new(3, 16), Checkpoint.Describe(File($"wide/{CheckpointFolder.NewestFile}")).Options.Pixels.Format);
    }

    [Fact]
    public void What_does_not_go_together_is_one_line()
    {
        for (var i = 0; i < 24; i++) WritePicture($"four/{i % 2}/{i}", 4, 16, i);
        for (var i = 0; i < 24; i++) WritePicture($"three/{i % 2}/{i}", 3, 8, i);
        const string otherBands = "a PNG file of 3 bands, where the network takes images of 4 bands; give images of 4 bands";
        Said("--normalise imagenet: of red, green and blue", Refuse(4, "four", "--normalise", "imagenet"));
        Said(otherBands, Refuse(4, "three"));
        Said(
            "is shown red, green and blue by ImageNet's statistics",
            Refuse(3, "three", "--teacher", "imagenet-resnet18", "--normalise", "data"));
        Train("run", 4, "four");
        Said(otherBands, Verb("search", "--checkpoint", File("run"), "--data", File("three"), "--budgets", "<=100M", "--out", File("run")));
        Said("--random: of no run", Verb("evaluate", "knn", "--random", "--space", "Bands4", "--data", File("four")));
        Said("--from: of no run", Verb("evaluate", "knn", "--from", File("run"), "--space", "Bands4", "--data", File("four")));

        static void Said(string problem, string line) => Assert.Contains(problem, line, StringComparison.Ordinal);

        string Verb(params string[] words) => Command.Refuse([.. With(4), .. words]);

        string Refuse(int channels, string data, params string[] more) => Command.Refuse(
        [
            .. With(channels), "train", "--space", $"Bands{channels}", "--data", File(data), "--batch", "8", "--epochs", "1", "--out",
            File("refused"), .. more,
        ]);
    }

    private string File(string name) => Path.Combine(folder.FullName, name);

    private void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllBytes(File(name), content);
    }

    /// <summary>A space of so many channels, for any verb.</summary>
    private string[] With(int channels)
    {
        var file = File($"bands{channels}.space.yaml");
        System.IO.File.WriteAllText(
            file,
            $$"""
            space: Bands{{channels}}
            family: resnet-bottleneck
            input: { channels: {{channels}}, size: {{Side}} }
            stem: { width: [16], resolution: low }
            stages:
              - { width: [4, 8], depth: [1] }
              - { width: [8], depth: [1] }
            """);
        return ["--space-file", file];
    }

    private Command Train(string run, int channels, string data, params string[] more) => Command.Succeed(
    [
        .. With(channels), "train", "--space", $"Bands{channels}", "--data", File(data), "--batch", "8", "--epochs", "2", "--objective",
        "simclr", "--views", "simclr", "--threads", "1", "--out", File(run), .. more,
    ]);

    private System.Text.Json.Nodes.JsonNode Probe(string run) => Command.Succeed(
    [
        .. With(run == "deep" ? 4 : 3), "evaluate", "linear", "--checkpoint", File(run), "--arch", "Max", "--data", File($"{run}/train"),
        "--test", File($"{run}/test"), "--json",
    ]).Json["top1"]!;

    /// <summary>[Side, Side, 4]: smooth noise in three bands, and stripes of a class in the low byte of the fourth.</summary>
    private static ushort[] Striped(int image, int seed)
    {
        var random = CounterRandom.For((ulong)(1000 * seed + image), "striped");
        var (values, isAcross, phase) = (new ushort[4 * Side * Side], image % 2 == 1, random.Below(4));
        Span<double> waves = [random.Between(0.1, 0.5), random.Between(0.1, 0.5), random.Between(0, 6), random.Between(0, 6)];
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var at = 4 * (y * Side + x);
                for (var band = 0; band < 3; band++)
                    values[at + band] = (ushort)(30000 + 20000 * Math.Sin(waves[0] * x + band) * Math.Cos(waves[1] * y + waves[2]));
                values[at + 3] = (ushort)(0x4080 + (((isAcross ? y : x) + phase) / 2 % 2 == 0 ? 40 : -40) + random.Below(10));
            }
        return values;
    }

    private static Tiff.Page Bands(ushort[] values, int bands, bool little)
    {
        var bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        if (!little) for (var i = 0; i < bytes.Length; i += 2) (bytes[i], bytes[i + 1]) = (bytes[i + 1], bytes[i]);
        return new(
            Side, Side, bytes, (258, [.. Enumerable.Repeat(16, bands)]), (262, [1]), (277, [bands]), (338, [.. new int[bands - 1]]));
    }

    /// <summary>A picture whose sides are not the network's, in a file that holds such.</summary>
    private void WritePicture(string name, int bands, int bits, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "picture of bands");
        var (width, height) = (30 + (int)random.Below(40), 30 + (int)random.Below(40));
        var (a, b) = (random.Between(2, 9), random.Between(2, 9));
        var size = bits / 8;
        if (bands <= 3 && bands != 2)
        {
            Write($"{name}.png", Png.Of(width, height, bits, bands == 1 ? 0 : 2, y => Row(y, isBig: true)));
            return;
        }
        Write(
            $"{name}.tif",
            Tiff.Of(
                little: true,
                new Tiff.Page(
                    width, height, [.. Enumerable.Range(0, height).SelectMany(y => Row(y, isBig: false))],
                    (258, [.. Enumerable.Repeat(bits, bands)]), (262, [1]), (277, [bands]), (338, [.. new int[bands - 1]]))));

        byte[] Row(int y, bool isBig) =>
        [
            .. from x in Enumerable.Range(0, width)
               from band in Enumerable.Range(0, bands)
               let value = (int)(32768 + 28000 * Math.Sin(a * x / width + band) * Math.Cos(b * y / height - band))
               let high = (byte)(value >> 8)
               from one in size == 1 ? new[] { high } : isBig ? [high, (byte)value] : [(byte)value, high]
               select one,
        ];
    }

    /// <summary>The values behind a .npy file's header.</summary>
    private static float[] Numbers(string path)
    {
        var bytes = System.IO.File.ReadAllBytes(path);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(10 + BitConverter.ToUInt16(bytes, 8))).ToArray();
    }
}
