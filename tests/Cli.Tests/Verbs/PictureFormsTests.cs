using System.Runtime.InteropServices;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using OpenCvSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// A thousand files as the world has them: what <c>embed</c> says of each, each emitted form says too, from the file or from its pixels.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class PictureFormsTests(TrainedRun run, ITestOutputHelper output)
{
    private const int Files = 1000;

    private delegate Tensor Preprocess(ReadOnlySpan<byte> rgb, int width, int height);

    [Fact]
    public void Every_form_sees_a_file_as_evaluation_does()
    {
        var (folder, pictures) = (run.NewFolder(), run.NewFolder());
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Middle", "--name", "Net", "--size", "32", "--data", run.Data,
            "--forms", "class,folded,onnx,csharp,onnx-uint8,files", "--out", folder);
        Directory.CreateDirectory(pictures);
        var names = Enumerable.Range(0, Files).Select(i => Write(pictures, i)).ToArray();
        Command.Succeed("embed", "--emitted", $"{folder}/Net.cs", "--data", pictures, "--out", $"{pictures}/found.npy");
        Assert.Equal(names, File.ReadAllLines($"{pictures}/found.paths.txt"));
        var expected = Numbers($"{pictures}/found.npy", Files);

        var compiled = InMemoryCompiler.Compile(
            "Pictures", Directory.GetFiles(folder, "*.cs").Select(File.ReadAllText), typeof(Cv2).Assembly);
        var weights = $"{folder}/Net.safetensors";
        using var net = Loaded("Net", weights);
        using var folded = Loaded("NetFolded", weights);
        using var pure = (IDisposable)Class("NetPure").GetMethod("Load")!.Invoke(null, [weights, 1, 0])!;
        using var floats = new OnnxModel($"{folder}/Net.onnx", 1);
        using var bytes = new OnnxModel($"{folder}/Net.uint8.onnx", 1);
        var preprocess = Class("Net").GetMethod("Preprocess")!.CreateDelegate<Preprocess>();
        var (ofClass, ofFolded, ofPure) = (OfFile(net), OfFile(folded), OfFile(pure));
        var sums = new Dictionary<string, (double Difference, double Length, double Tolerance)>();
        // One small image at a time: a second thread would wait for the first most of the time.
        set_num_threads(1);
        for (var i = 0; i < Files; i++)
        {
            using var scope = NewDisposeScope();
            var file = File.ReadAllBytes(names[i]);
            var picture = ImageFile.Load(names[i]);
            Hold("class", ofClass(file), 1e-5);
            Hold("folded", ofFolded(file), 1e-5);
            Hold("csharp", ofPure(file), 1e-5);
            var image = preprocess(picture.Rgb.Span, picture.Width, picture.Height);
            Hold("onnx", floats.Run(image)["embedding"].data<float>().ToArray(), 1e-5);
            Hold("onnx-uint8", bytes.Run(picture)["embedding"].data<float>().ToArray(), 1e-4);

            void Hold(string form, float[] found, double tolerance)
            {
                Assert.Equal(expected[i].Length, found.Length);
                var difference = found.Zip(expected[i], (a, b) => (double)(a - b) * (a - b)).Sum();
                var length = expected[i].Sum(b => (double)b * b);
                // An image of one colour is little but rounding to a network that looks for differences.
                Assert.True(
                    difference <= 16 * tolerance * tolerance * length,
                    $"{names[i]}: {form} differs by a relative {Math.Sqrt(difference / length):g3}");
                var (sum, whole, _) = sums.GetValueOrDefault(form);
                sums[form] = (sum + difference, whole + length, tolerance);
            }
        }
        foreach (var (form, (difference, length, tolerance)) in sums)
        {
            output.WriteLine(FormattableString.Invariant($"{form}: a relative {Math.Sqrt(difference / length):g2} over all files"));
            Assert.InRange(Math.Sqrt(difference / length), 0, tolerance);
        }

        Type Class(string name) => compiled.GetType("DataSsl.Models." + name, throwOnError: true)!;

        nn.Module<Tensor, Tensor> Loaded(string name, string path)
        {
            var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(Class(name), [null, null])!;
            Class(name).GetMethod("load_safetensors")!.Invoke(module, [path]);
            module.eval();
            return module;
        }

        Func<byte[], float[]> OfFile(object network) =>
            Class("NetFiles").GetMethod("Embed", [network.GetType(), typeof(byte[])])!.CreateDelegate<Func<byte[], float[]>>(network);
    }

    [Theory]
    [InlineData("damaged", new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3 })]
    [InlineData("empty", new byte[0])]
    public void A_file_that_is_no_image_is_an_exception_that_says_so(string name, byte[] content)
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--name", "Net", "--size", "32", "--data", run.Data, "--forms", "class,files",
            "--out", folder);
        var path = $"{folder}/{name}.jpg";
        File.WriteAllBytes(path, content);
        var compiled = InMemoryCompiler.Compile(
            "Pictures", Directory.GetFiles(folder, "*.cs").Select(File.ReadAllText), typeof(Cv2).Assembly);
        var type = compiled.GetType("DataSsl.Models.Net", throwOnError: true)!;
        using var net = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        net.eval();
        var embed = compiled.GetType("DataSsl.Models.NetFiles")!.GetMethod("Embed", [type, typeof(string)])!
            .CreateDelegate<Func<string, float[]>>(net);
        Assert.StartsWith($"{path}: ", Assert.Throws<InvalidDataException>(() => embed(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>A picture of one of the kinds that files come in; its path.</summary>
    private static string Write(string folder, int i)
    {
        var random = CounterRandom.For((ulong)i, "file");
        var (width, height) = (8 + (int)random.Below(150), 8 + (int)random.Below(150));
        var (a, b) = (random.Between(2, 9), random.Between(2, 9));
        var (extension, bytes) = (i % 10) switch
        {
            0 => (".jpg", Encoded(".jpg", MatType.CV_8UC3)),
            1 => (".jpg", Encoded(".jpg", MatType.CV_8UC3, new ImageEncodingParam(ImwriteFlags.JpegProgressive, 1))),
            2 => (".jpg", Encoded(".jpg", MatType.CV_8UC1)),
            3 => (".jpg", FlatJpeg.Of(width / 8, height / 8, 4, (x, y, c) => Value(8 * x, 8 * y, c), adobe: (byte)(i % 20 < 10 ? 0 : 2))),
            4 => (".png", Encoded(".png", MatType.CV_8UC3)),
            5 => (".png", Png.Of(width, height, 16, 2, y => Row(y, 3, 2))),
            6 => (".png", Png.Of(
                width, height, 8, 3, y => Row(y, 1, 1), Png.Chunk("PLTE"u8, [.. Enumerable.Range(0, 768).Select(n => (byte)(n * 7))]))),
            7 => (".jpg", Exif.InJpeg(Encoded(".jpg", MatType.CV_8UC3), Exif.Of(1 + i / 10 % 8))),
            8 => (".tif", Tiff.Of(
                little: i % 20 < 10, new Tiff.Page(width, height, [.. Enumerable.Range(0, height).SelectMany(y => Row(y, 3, 1))]))),
            _ => i % 20 < 10
                ? (".webp", Encoded(".webp", MatType.CV_8UC3))
                : (".png", Png.Of(width, height, 8, 6, y => Row(y, 4, 1))),
        };
        var path = Path.Combine(folder, $"{i:0000}{extension}");
        File.WriteAllBytes(path, bytes);
        return path;

        byte Value(int x, int y, int channel)
        {
            var wave = Math.Sin(a * x / width + channel) * Math.Cos(b * y / height - channel);
            return (byte)Math.Clamp(128 + 90 * wave + (x / 5 + y / 3) % 3 * 12, 0, 255);
        }

        byte[] Row(int y, int channels, int depth) =>
        [
            .. Enumerable.Range(0, width).SelectMany(x => Enumerable.Range(0, channels).Select(c => Value(x, y, c)))
                .SelectMany(value => depth == 2 ? [value, (byte)(value ^ 0x5A)] : new[] { value }),
        ];

        byte[] Encoded(string kind, MatType type, params ImageEncodingParam[] parameters)
        {
            using var mat = new Mat(height, width, type);
            byte[] pixels = [.. Enumerable.Range(0, height).SelectMany(y => Row(y, type.Channels, 1))];
            Marshal.Copy(pixels, 0, mat.Data, pixels.Length);
            Cv2.ImEncode(kind, mat, out var bytes, parameters);
            return bytes;
        }
    }

    /// <summary>The rows behind a .npy file's header.</summary>
    private static float[][] Numbers(string path, int rows)
    {
        var bytes = File.ReadAllBytes(path);
        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(10 + BitConverter.ToUInt16(bytes, 8))).ToArray();
        return [.. values.Chunk(values.Length / rows)];
    }
}
