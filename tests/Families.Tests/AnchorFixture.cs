using System.Diagnostics;
using System.Text.Json;
using DataSsl.Generator;
using DataSsl.Generator.Model;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Emit;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>A handcrafted network: an anchor of a space, and its published class.</summary>
/// <param name="Sizes">Sides of the images that it is compared on.</param>
public sealed record AnchorCase(string Name, SearchSpace Space, string Peer, long Parameters, params int[] Sizes);

/// <summary>The reference networks' answers for all anchors, from one Python process.</summary>
public sealed class AnchorFixture : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const int Classes = 1000;
    private readonly string folder = Directory.CreateTempSubdirectory("anchors-").FullName;
    private readonly Dictionary<string, Tensor[]> actual = [];
    private readonly JsonDocument? results;

    public static IReadOnlyList<AnchorCase> Cases { get; } =
    [
        new("ResNet18", BasicResNet.Space, "resnet18", 11_689_512, 64),
        new("ResNet34", BasicResNet.Space, "resnet34", 21_797_672, 64),
        new("ResNet50", DataResNet.Space, "resnet50", 25_557_032, 64),
        new("ResNet101", DataResNet.Space, "resnet101", 44_549_160, 64),
        new("MobileNetV2", MobileNets.Space, "mobilenet_v2", 3_504_872, 64, 97),
        new("ViTTi16", VisionTransformers.Space, "vit", 5_717_416, 224, 160),
    ];

    public AnchorFixture()
    {
        if (!File.Exists(Python) || Run("-c", "import torchvision") != "") return;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new TorchSharp.torch.Generator(7);
        foreach (var size in Cases.SelectMany(c => c.Sizes).Distinct())
            SafeTensors.Write(Path.Combine(folder, $"images{size}.safetensors"), [("images", randn([2, 3, size, size], generator: random))], new Dictionary<string, string>());
        foreach (var anchor in Cases) RunEmitted(anchor, random);
        File.WriteAllText(Path.Combine(folder, "cases.json"), JsonSerializer.Serialize(Cases.Select(c => new { name = c.Name, peer = c.Peer, sizes = c.Sizes })));
        Assert.Equal("", Run(Path.Combine(AppContext.BaseDirectory, "peers.py"), folder));
        results = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "results.json")));
    }

    /// <summary>The emitted class's logits by image size.</summary>
    public IReadOnlyList<Tensor> Actual(string name) => actual[name];

    /// <summary>What the reference network gave; skips the test where there is none.</summary>
    public JsonElement Expected(string name)
    {
        Skip.If(results is null, "python3-torchvision is not installed");
        return results.RootElement.GetProperty(name);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The anchor's emitted class, compiled and with random weights and statistics.</summary>
    private void RunEmitted(AnchorCase anchor, TorchSharp.torch.Generator random)
    {
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(anchor.Name, anchor.Space.Source).Space!);
        var choices = anchor.Space.Parse(anchor.Name).Choices.ToArray().ToEquatableArray();
        var source = SpaceCompiler.EmitFixedClass(plan, new(anchor.Name, "Emitted", choices, anchor.Sizes[0], default, Classes));
        var type = InMemoryCompiler.Compile(anchor.Name, source).GetType($"Emitted.{anchor.Name}", throwOnError: true)!;
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        foreach (var (key, value) in module.state_dict()) Randomise(key, value, random);
        SafeTensors.Write(Path.Combine(folder, $"{anchor.Name}.safetensors"), module.state_dict().Select(entry => (entry.Key, entry.Value)), new Dictionary<string, string>());
        module.eval();
        var classify = type.GetMethod("classify")!;
        actual.Add(anchor.Name, [.. anchor.Sizes.Select(size => ((Tensor)classify.Invoke(module, [Images(size)])!).DetachFromDisposeScope())]);
    }

    private Tensor Images(int size) => SafeTensors.Read(Path.Combine(folder, $"images{size}.safetensors")).Tensors["images"];

    /// <summary>Matrices keep their starting values; scales, shifts and statistics become such as training makes them.</summary>
    private static void Randomise(string key, Tensor value, TorchSharp.torch.Generator random)
    {
        if (value.dtype != ScalarType.Float32 || (value.dim() > 1 && !key.EndsWith("_embed", StringComparison.Ordinal) && !key.EndsWith("_token", StringComparison.Ordinal))) return;
        using var noise = randn(value.shape, generator: random).mul_(0.1);
        value.copy_(key.EndsWith("running_var", StringComparison.Ordinal) || (key.EndsWith("weight", StringComparison.Ordinal) && value.dim() == 1) ? noise.add_(1) : noise);
    }

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "2";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"exit {process.ExitCode}: {error}";
    }
}
