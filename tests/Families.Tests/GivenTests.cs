using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Start;
using DataSsl.Spaces;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit.Abstractions;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace DataSsl.Families.Tests;

/// <summary>Weights of other libraries, in their full size, against values that those libraries gave.</summary>
public sealed class GivenTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("given-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("resnet18", false, "ResNet18", "module.backbone.")]
    [InlineData("resnet50", false, "ResNet50", "state_dict.encoder_q.")]
    [InlineData("mobilenet_v2", false, "MobileNetV2", "")]
    [InlineData("mobilenet_v2", true, "MobileNetV2", "encoder.")]
    [InlineData("vit_tiny", false, "ViTTi16", "model.")]
    [InlineData("vit_tiny", true, "ViTTi16", "")]
    public void A_network_of_torchvision_and_timm_gives_the_recorded_values(string name, bool timm, string anchor, string prefix)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var recorded = GivenNetworks.Named(name);
        var space = name switch
        {
            "resnet18" => BasicResNet.Space,
            "resnet50" => DataResNet.Space,
            "mobilenet_v2" => MobileNets.Space,
            _ => VisionTransformers.Space,
        };
        var file = Path.Combine(folder, "given.safetensors");
        SafeTensors.Write(
            file, recorded.State(timm).Select(tensor => (prefix + tensor.Name, tensor.Values)), new Dictionary<string, string>());
        Foreign.Rewrite(file);
        using var given = GivenNetwork.Read(file, space);
        Assert.Equal(space.Parse(anchor), given.Architecture);
        Assert.Contains("(2 tensors)", given.Left, StringComparison.Ordinal);
        Tensor? original = null;
        foreach (var sorted in new[] { false, true })
        {
            using var start = new GivenStart(given, seed: 1, sorted);
            using var statistics = start.StatisticsOf(given.Architecture);
            start.Net.Statistics = statistics;
            var embedding = start.Net.Embed(recorded.Images(), given.Architecture);
            if (original is not null)
            {
                // Where the space slices the embedding its channels are in another order too; the values of each image stay.
                var (before, after) = (original.sort(1).Values, embedding.sort(1).Values);
                var change = ((after - before).abs().max() / before.abs().max()).item<float>();
                output.WriteLine($"{name}: sorting changes it by {change:g2}");
                Assert.InRange(change, 1e-9, 1e-5);
                continue;
            }
            original = embedding;
            var values = embedding.slice(1, 0, embedding.shape[1], Math.Max(1, embedding.shape[1] / 16)).flatten().data<float>().ToArray();
            var difference = values.Zip(recorded.Embedding, (a, b) => Math.Abs(a - b)).Max() / recorded.Embedding.Max(Math.Abs);
            output.WriteLine($"{name}: relative difference {difference:g2}");
            Assert.Equal(recorded.Embedding.Length, values.Length);
            Assert.InRange(difference, 0, 1e-5);
        }
    }

    /// <summary>The package's file in ONNX Runtime, and ours from it: images less ImageNet's mean are what both take.</summary>
    [Fact]
    public void ImageNets_ResNet18_gives_what_ONNX_Runtime_gives_of_its_file()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new TorchSharp.torch.Generator(3);
        // Smooth pictures over the whole range of colours.
        var images = nn.functional.interpolate(
            rand([1, 3, 12, 12], generator: random), size: [224, 224], mode: InterpolationMode.Bilinear, align_corners: false);
        var (mean, std) = (tensor(new[] { 0.485f, 0.456f, 0.406f }).view(1, 3, 1, 1),
            tensor(new[] { 0.229f, 0.224f, 0.225f }).view(1, 3, 1, 1));
        using var session = new InferenceSession(ImageNetResNet18.Path());
        var theirs = ((images - mean) * 255).flip(1).contiguous().data<float>().ToArray();
        using var results = session.Run(
            [NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<float>(theirs, [1, 3, 224, 224]))]);
        var expected = results.Single().AsEnumerable<float>().ToArray();
        using var given = GivenNetwork.Read(ImageNetResNet18.Name, AroundResNet18.Space);
        Assert.Equal(AroundResNet18.Space.Parse("ImageNet"), given.Architecture);
        using var start = new GivenStart(given, seed: 1, sorted: false);
        using var statistics = start.StatisticsOf(given.Architecture);
        start.Net.Statistics = statistics;
        var actual = start.Net.Embed((images - mean) / std, given.Architecture).data<float>().ToArray();
        Assert.Equal(512, actual.Length);
        var difference = actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max() / expected.Max();
        output.WriteLine($"relative difference {difference:g2} of {expected.Max():g3}");
        Assert.InRange(difference, 0, 1e-5);
    }
}
