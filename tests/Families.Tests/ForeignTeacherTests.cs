using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Search.Onnx;
using DataSsl.Search.Start;
using DataSsl.Search.Teachers;
using DataSsl.Spaces;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace DataSsl.Families.Tests;

/// <summary>Networks of any kind as foreign teachers.</summary>
public sealed class ForeignTeacherTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("teachers-").FullName;
    private readonly Tensor weight = Values("weight", [6, 3, 4, 4]);

    public void Dispose()
    {
        weight.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void ImageNets_ResNet18_says_what_ONNX_Runtime_says()
    {
        using var scope = NewDisposeScope();
        using var images = Values("smooth", [1, 3, 12, 12]);
        var x = nn.functional.interpolate(images, size: [224, 224], mode: InterpolationMode.Bilinear, align_corners: false);
        var std = tensor(new[] { 0.229f, 0.224f, 0.225f }).view(1, 3, 1, 1);
        using var session = new InferenceSession(ImageNetResNet18.Path());
        var theirs = (x * std * 255).flip(1).contiguous().data<float>().ToArray();
        using var results = session.Run(
            [NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<float>(theirs, [1, 3, 224, 224]))]);
        var expected = results.Single().AsEnumerable<float>().ToArray();
        var (network, origin) = TeacherNetwork.Open(
            ImageNetResNet18.Name, null, null, TeacherViews.Clean, [Demo.Space, .. CompiledSpaces.All], 224, CPU);
        using (network)
        {
            Assert.Equal((224, 512, 7), (network.Size, network.Dimension, network.MapSide));
            Assert.Equal("AroundResNet18 stem=64 stage1=2 stage2=128x2 stage3=256x2 stage4=512x3", origin.Architecture);
            var (embedding, map) = network.Run(x);
            Assert.Equal([1, 512, 7, 7], map!.shape);
            Assert.InRange(embedding.data<float>().ToArray().Zip(expected, (a, b) => Math.Abs(a - b)).Max() / expected.Max(), 0, 1e-5);
        }
        // Smaller views are enlarged.
        using var small = TeacherNetwork.Open(
            ImageNetResNet18.Name, null, null, TeacherViews.Clean, [.. CompiledSpaces.All], 32, CPU).Network;
        Assert.Equal(96, small.Size);
    }

    /// <summary>A network of another library and family than the student's: its space is found.</summary>
    [Fact]
    public void A_file_of_another_family_finds_its_space()
    {
        using var scope = NewDisposeScope();
        var recorded = GivenNetworks.Named("mobilenet_v2");
        var file = Path.Combine(folder, "given.safetensors");
        SafeTensors.Write(file, recorded.State(timm: false), new Dictionary<string, string>());
        Foreign.Rewrite(file);
        var (network, origin) = TeacherNetwork.Open(
            file, null, recorded.Size, TeacherViews.Clean, [Demo.Space, .. CompiledSpaces.All], 32, CPU);
        using var _ = network;
        Assert.StartsWith("MobileNets ", origin.Architecture, StringComparison.Ordinal);
        var embedding = network.Run(recorded.Images()).Embedding;
        var values = embedding.slice(1, 0, embedding.shape[1], Math.Max(1, embedding.shape[1] / 16)).flatten().data<float>().ToArray();
        Assert.InRange(values.Zip(recorded.Embedding, (a, b) => Math.Abs(a - b)).Max() / recorded.Embedding.Max(Math.Abs), 0, 1e-5);
        var error = Assert.Throws<UserException>(
            () => TeacherNetwork.Open(file, null, null, TeacherViews.Clean, [Demo.Space, BasicResNet.Space], 32, CPU)).Message;
        Assert.Contains("weights of a mobilenet-v2, and the space is of resnet-bottleneck", error, StringComparison.Ordinal);
        Assert.Contains("nor is there a place for it in BasicResNet", error, StringComparison.Ordinal);
    }

    /// <summary>
    /// A convolution and a mean, of any number of images or of a fixed one, of any side or its own, with normalisation of its own.
    /// </summary>
    [Theory]
    [InlineData("N", "S", false, null)]
    [InlineData("N", 24, false, 24)]
    [InlineData(3, 24, false, 24)]
    [InlineData(1, "S", true, 32)]
    public void Any_ONNX_model_is_a_teacher(object batch, object side, bool isNormalised, int? asked)
    {
        using var scope = NewDisposeScope();
        var metadata = isNormalised ? new Dictionary<string, string> { ["mean"] = "0.5, 0.5, 0.5", ["std"] = "[0.5, 0.25, 0.125]" } : [];
        var file = Written(batch, 3, side, metadata);
        using var teacher = OnnxTeacher.Open(file, asked, otherwise: 40, threads: 1);
        Assert.Equal((asked ?? 40, 6, (asked ?? 40) / 4), (teacher.Size, teacher.Dimension, teacher.MapSide));
        using var images = Values("images", [5, 3, teacher.Size, teacher.Size]);
        var (embedding, map) = teacher.Run(images);
        var (mean, std) = (tensor(new[] { 0.485f, 0.456f, 0.406f }).view(1, 3, 1, 1),
            tensor(new[] { 0.229f, 0.224f, 0.225f }).view(1, 3, 1, 1));
        var shown = isNormalised ? (images * std + mean - 0.5) / tensor(new[] { 0.5f, 0.25f, 0.125f }).view(1, 3, 1, 1) : images;
        var expected = nn.functional.conv2d(shown, weight, strides: [4, 4]);
        Assert.InRange((map! - expected).abs().max().item<float>(), 0, 1e-4f);
        Assert.InRange((embedding - expected.mean([2L, 3L])).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void A_model_that_these_images_cannot_be_shown_to_is_refused_in_one_line()
    {
        Assert.Contains(
            "images of 1 channels cannot be made from these, which have 3", Refuse(Written("N", 1, 24)), StringComparison.Ordinal);
        Assert.Contains("--teacher-size 32", Refuse(Written("N", 3, 24), 32), StringComparison.Ordinal);
        Assert.Contains(
            "its metadata 'std'", Refuse(Written("N", 3, 24, new() { ["mean"] = "0, 0, 0", ["std"] = "1, 0, 1" })),
            StringComparison.Ordinal);
        Assert.Contains("holds a value that is not finite", Refuse(Written("N", 3, 24, value: float.NaN)), StringComparison.Ordinal);
        Assert.Contains("'mean' and no 'std'", Refuse(Written("N", 3, 24, new() { ["mean"] = "0.5, 0.5, 0.5" })), StringComparison.Ordinal);
        Assert.Contains(
            "its metadata 'size' is 99999999999", Refuse(Written("N", 3, "S", new() { ["size"] = "99999999999" })),
            StringComparison.Ordinal);
        Assert.Contains("more images at once than 1024", Refuse(Written(1_000_000, 3, 24)), StringComparison.Ordinal);
        Assert.Contains(
            "has 18000 numbers, and from 1 to 16384 can be learnt",
            Refuse(Made((graph, flat) => graph.Apply("wide", "Tile", [flat, graph.Integers(1, 3000)]))), StringComparison.Ordinal);
        var graph = new OnnxGraph(half: false);
        graph.Weight("unused", weight);
        graph.Apply("flat", "Flatten", [graph.Input("images", "N", 3, "S")]);
        graph.Output(graph.Rename("embedding"), "N", "D");
        Assert.Contains("images are given as [N, 3, H, W]", Refuse(Write(graph, [])), StringComparison.Ordinal);

        string Refuse(string file, int? size = null)
        {
            var line = Assert.Throws<UserException>(() => OnnxTeacher.Open(file, size, 32, threads: 1)).Message;
            Assert.DoesNotContain('\n', line);
            return line;
        }
    }

    /// <summary>
    /// A model that gives as many numbers as it is shown images: what holds for the two that it is tried with holds for no other number.
    /// </summary>
    [Fact]
    public void A_model_whose_embedding_depends_on_the_number_of_images_is_refused()
    {
        var file = Made(
            (graph, flat) =>
                graph.Apply("products", "MatMul", [flat, graph.Apply("turned", "Transpose", [flat], ("perm", new long[] { 1, 0 }))]));
        using var teacher = OnnxTeacher.Open(file, 24, 32, threads: 1);
        using var images = Values("images", [5, 3, 24, 24]);
        Assert.StartsWith(
            $"{file}: its embedding has 5 numbers for 5 images together", Assert.Throws<UserException>(() => teacher.Run(images)).Message,
            StringComparison.Ordinal);
        // Of two rows alone, whatever it is given.
        file = Made((graph, flat) => graph.Apply("rows", "Reshape", [flat, graph.Integers(2, 6)]));
        using var fixedRows = OnnxTeacher.Open(file, 24, 32, threads: 1);
        var line = Assert.Throws<UserException>(() => fixedRows.Run(images)).Message;
        Assert.Matches($@"\A{file}: ONNX Runtime does not run the model \([^\n]*\), given 5 images of 24 px\z", line);
    }

    /// <summary>A sequence beside the embedding is no tensor, and passed over.</summary>
    [Fact]
    public void An_output_that_is_no_tensor_is_passed_over()
    {
        const string model =
            "CAg6yQEKDwoBeAoBdxIBYyIEQ29udgoZCgFjEgFwIhFHbG9iYWxBdmVyYWdlUG9vbAoPCgFwEgFlIgdGbGF0dGVuChkKAWUSAXMiEVNlcXVlbmNlQ29uc3RydWN0EgFnKicIAggDCAEIARABQgF3ShgAAIA/AAAAAAAAAAAAAAAAAACAPwAAAABa"
            + "HgoBeBIZChcIARITCgMSAU4KAggDCgMSAUgKAxIBV2INCgFzEggiBgoECgIIAWIUCgFlEg8KDQgBEgkKAxIBTgoCCAJCBAoAEBE=";
        var path = Path.Combine(folder, "sequence.onnx");
        File.WriteAllBytes(path, Convert.FromBase64String(model));
        using var teacher = OnnxTeacher.Open(path, 24, 32, threads: 1);
        using var images = Values("images", [5, 3, 24, 24]);
        // Its two channels are red and green.
        Assert.InRange((teacher.Run(images).Embedding - images.mean([2L, 3L]).narrow(1, 0, 2)).abs().max().item<float>(), 0, 1e-5f);
    }

    private static Tensor Values(string name, long[] shape) => DataSsl.Tests.Seeded.Uniform(name, shape).DetachFromDisposeScope();

    private string Written(object batch, int channels, object side, Dictionary<string, string>? metadata = null, float? value = null)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraph(half: false);
        var images = graph.Input("pixels", batch, channels, side, side);
        var values = weight.narrow(1, 0, channels);
        graph.Apply(
            "map", "Conv", [images, graph.Weight("weight", value is { } odd ? values * odd : values)], ("strides", new long[] { 4, 4 }),
            ("kernel_shape", new long[] { 4, 4 }));
        var map = graph.Rename("map");
        graph.Apply("pooled", "GlobalAveragePool", [map]);
        graph.Apply("flat", "Flatten", [graph.Rename("pooled")]);
        var flat = graph.Rename("said");
        graph.Output(map, batch, 6, "h", "w");
        graph.Output(flat, batch, 6);
        return Write(graph, metadata ?? []);
    }

    /// <summary>A mean of a convolution's map, and what is made of it.</summary>
    private string Made(Func<OnnxGraph, string, string> embedding)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraph(half: false);
        graph.Apply(
            "map", "Conv", [graph.Input("pixels", "N", 3, "S", "S"), graph.Weight("weight", weight)], ("strides", new long[] { 4, 4 }),
            ("kernel_shape", new long[] { 4, 4 }));
        embedding(graph, graph.Apply("flat", "Flatten", [graph.Apply("pooled", "GlobalAveragePool", ["map"])]));
        graph.Output(graph.Rename("embedding"), "N", "D");
        return Write(graph, []);
    }

    private string Write(OnnxGraph graph, Dictionary<string, string> metadata)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.onnx");
        AtomicFile.Write(path, graph.Model("Teacher", "1.0.0", metadata).Write);
        return path;
    }
}
