using System.Diagnostics;
using System.Text.Json;
using DataSsl.Generator;
using DataSsl.Generator.Model;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Emit;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>An architecture and the reference network that must be the same.</summary>
/// <param name="Peer">A name in torchvision, or what a plain definition of the family needs to know.</param>
/// <param name="Sizes">Sides of the images that it is compared on.</param>
public sealed record PeerCase(string Name, Architecture Architecture, object Peer, int Classes, IReadOnlyList<int> Sizes)
{
    /// <summary>An architecture as the plain definitions take it: the values of the file and the choices, and nothing that the plan derives from them.</summary>
    public static PeerCase Plain(string name, Architecture architecture, int classes, params int[] sizes)
    {
        var space = SpaceCompiler.Parse(name, architecture.Space.Source).Space!;
        var stages = space.Strides.Select((stride, i) => new Dictionary<string, int>(Choices($"stage{i + 1}")) { ["stride"] = stride });
        var peer = new { family = space.Family, channels = space.InputChannels, size = space.InputSize, low = space.LowResolutionStem, patch = space.PatchSize, classes, stem = Choices("stem"), stages };
        return new(name, architecture, peer, classes, sizes);

        Dictionary<string, int> Choices(string segment) =>
            space.Axes.Select((axis, i) => (axis, i)).Where(a => a.axis.Segment == segment).ToDictionary(a => a.axis.Kind, a => architecture[a.i]);
    }
}

/// <summary>Emitted classes with random weights, and what their reference networks give and count with the same weights, all from one Python process.</summary>
public class PeerNetworks : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly string folder = Directory.CreateTempSubdirectory("peers-").FullName;
    private readonly Dictionary<string, Tensor[]> actual = [];
    private readonly JsonDocument? results;

    protected PeerNetworks(IReadOnlyList<PeerCase> cases)
    {
        if (!File.Exists(Python) || Run("-c", "import torchvision") != "") return;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new TorchSharp.torch.Generator(7);
        foreach (var peer in cases) RunEmitted(peer, random);
        File.WriteAllText(Path.Combine(folder, "cases.json"), JsonSerializer.Serialize(cases.Select(c => new { name = c.Name, peer = c.Peer, sizes = c.Sizes })));
        Assert.Equal("", Run(Path.Combine(AppContext.BaseDirectory, "peers.py"), folder));
        results = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "results.json")));
    }

    /// <summary>Asserts that the logits are the reference's up to rounding; skips the test where there is no reference.</summary>
    public void MustAgree(string name, ITestOutputHelper output)
    {
        var difference = RelativeDifference(name);
        output.WriteLine($"{name}: relative difference {difference:g2}");
        Assert.True(difference < 1e-5, $"{name}: relative difference {difference:g3}");
    }

    /// <summary>The largest difference of any size's logits from the reference's, relative to its largest.</summary>
    private float RelativeDifference(string name)
    {
        using var scope = NewDisposeScope();
        return Expected(name).GetProperty("outputs").EnumerateArray().Zip(actual[name], (values, logits) =>
        {
            var expected = tensor(values.EnumerateArray().Select(v => v.GetSingle()).ToArray(), logits.shape);
            var difference = ((logits - expected).abs().max() / expected.abs().max()).item<float>();
            // Not a number compares with nothing: it counts as a difference.
            return float.IsNaN(difference) ? float.PositiveInfinity : difference;
        }).Max();
    }

    /// <summary>Multiply-accumulates at each size, counted by running the reference; skips the test where there is none.</summary>
    public IEnumerable<long> Macs(string name) => Expected(name).GetProperty("macs").EnumerateArray().Select(m => m.GetInt64());

    /// <summary>The reference's parameters, its head's among them; skips the test where there is none.</summary>
    public long Parameters(string name) => Expected(name).GetProperty("parameters").GetInt64();

    public void Dispose()
    {
        foreach (var logits in actual.Values.SelectMany(a => a)) logits.Dispose();
        results?.Dispose();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private JsonElement Expected(string name)
    {
        Skip.If(results is null, "python3-torchvision is not installed");
        return results.RootElement.GetProperty(name);
    }

    /// <summary>The architecture's emitted class, compiled and with random weights and statistics.</summary>
    private void RunEmitted(PeerCase peer, TorchSharp.torch.Generator random)
    {
        var (architecture, space) = (peer.Architecture, peer.Architecture.Space);
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(peer.Name, space.Source).Space!);
        var source = SpaceCompiler.EmitFixedClass(plan, new(peer.Name, "Emitted", architecture.Choices.ToArray().ToEquatableArray(), peer.Sizes[0], default, peer.Classes));
        var type = InMemoryCompiler.Compile(peer.Name, source).GetType($"Emitted.{peer.Name}", throwOnError: true)!;
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        foreach (var (key, value) in module.state_dict()) Randomise(key, value, random);
        SafeTensors.Write(Path.Combine(folder, $"{peer.Name}.safetensors"), module.state_dict().Select(entry => (entry.Key, entry.Value)), new Dictionary<string, string>());
        module.eval();
        var classify = type.GetMethod("classify")!;
        actual.Add(peer.Name, [.. peer.Sizes.Select(size =>
        {
            var images = randn([2, space.InputChannels, size, size], generator: random);
            SafeTensors.Write(Path.Combine(folder, $"{peer.Name}.{size}.safetensors"), [("images", images)], new Dictionary<string, string>());
            return ((Tensor)classify.Invoke(module, [images])!).DetachFromDisposeScope();
        })]);
    }

    /// <summary>Every weight from one generator, so that one run is like another: matrices as wide as PyTorch draws them, scales, shifts and statistics such as training makes them.</summary>
    internal static void Randomise(string key, Tensor value, TorchSharp.torch.Generator random)
    {
        if (value.dtype != ScalarType.Float32) return;
        var matrix = value.dim() > 1 && !key.EndsWith("_embed", StringComparison.Ordinal) && !key.EndsWith("_token", StringComparison.Ordinal);
        using var noise = randn(value.shape, generator: random).mul_(matrix ? Math.Sqrt(value.shape[0] / (3.0 * value.numel())) : 0.1);
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
