using System.Security.Cryptography;
using System.Text;
using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using DataSsl.Tests;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>An architecture and the reference network that must be the same.</summary>
/// <param name="Peer">A name in torchvision, or what a plain definition of the family needs to know.</param>
/// <param name="Sizes">Sides of the images that it is compared on.</param>
public sealed record PeerCase(string Name, Architecture Architecture, object Peer, int Classes, IReadOnlyList<int> Sizes)
{
    /// <summary>
    /// An architecture as the plain definitions take it: the values of the file and the choices, and nothing that the plan derives from
    /// them.
    /// </summary>
    public static PeerCase Plain(string name, Architecture architecture, int classes, params int[] sizes)
    {
        var space = SpaceCompiler.Parse(name, architecture.Space.Source).Space!;
        var stages = space.Strides.Select((stride, i) => new Dictionary<string, int>(Choices($"stage{i + 1}")) { ["stride"] = stride });
        var peer = new
        {
            family = space.Family,
            channels = space.InputChannels,
            size = space.InputSize,
            low = space.LowResolutionStem,
            patch = space.PatchSize,
            classes,
            stem = Choices("stem"),
            stages,
        };
        return new(name, architecture, peer, classes, sizes);

        Dictionary<string, int> Choices(string segment) =>
            space.Axes.Select((axis, i) => (axis, i)).Where(a => a.axis.Segment == segment)
                .ToDictionary(a => a.axis.Kind, a => architecture[a.i]);
    }
}

/// <summary>
/// Emitted classes with seeded weights, and what <c>tests/Reference</c> has recorded of their reference networks with the same weights.
/// </summary>
public class PeerNetworks : IDisposable
{
    private readonly Dictionary<string, Tensor[]> logits = [];
    private readonly Recording recording;

    protected PeerNetworks(string name, IReadOnlyList<PeerCase> cases)
    {
        recording = Recording.Of(
            name,
            cases.Select(c => (c.Name, (object)new { peer = c.Peer, channels = c.Architecture.Space.InputChannels, sizes = c.Sizes })));
        foreach (var peer in cases) logits.Add(peer.Name, RunEmitted(peer));
    }

    /// <summary>Asserts that the logits of every size are the reference's up to rounding.</summary>
    public void MustAgree(string name, ITestOutputHelper output)
    {
        var expected = recording[$"{name}/logits"];
        Assert.Equal(logits[name].Length, expected.shape[0]);
        foreach (var (i, values) in logits[name].Index())
        {
            var (error, norm) = Sketch.Difference(expected[i], values);
            output.WriteLine($"{name}: relative difference {error / norm:g2}");
            Sketch.MustBe(expected[i], values, 1e-5, $"logits of {name}");
        }
    }

    /// <summary>Multiply-accumulates at each size, counted by running the reference.</summary>
    public IEnumerable<long> Macs(string name) => recording[$"{name}/macs"].data<long>().ToArray();

    /// <summary>The reference's parameters, its head's among them.</summary>
    public long Parameters(string name) => recording[$"{name}/parameters"].item<long>();

    public void Dispose()
    {
        foreach (var values in logits.Values.SelectMany(a => a)) values.Dispose();
        recording.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// The logits [2, classes] of each size, by the architecture's emitted class; its keys and shapes must be the reference's.
    /// </summary>
    private Tensor[] RunEmitted(PeerCase peer)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (architecture, space) = (peer.Architecture, peer.Architecture.Space);
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(peer.Name, space.Source).Space!);
        var source = SpaceCompiler.EmitFixedClass(
            plan, new(peer.Name, "Emitted", architecture.Choices.ToArray().ToEquatableArray(), peer.Sizes[0], default, peer.Classes));
        var type = InMemoryCompiler.Compile(peer.Name, source).GetType($"Emitted.{peer.Name}", throwOnError: true)!;
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        var keys = string.Join(
            '\n', module.state_dict().Select(entry => $"{entry.Key} {string.Join('x', entry.Value.shape)}").Order(StringComparer.Ordinal));
        Assert.True(
            recording[$"{peer.Name}/keys"].bytes.SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(keys))),
            $"{peer.Name}: keys or shapes are not the reference's:\n{keys}");
        foreach (var (key, value) in module.state_dict())
            if (value.dtype == ScalarType.Float32) value.copy_(Seeded.Parameter($"{peer.Name}/{key}", value.shape, gain: 6));
        module.eval();
        var classify = type.GetMethod("classify")!;
        return [.. peer.Sizes.Select(size =>
        {
            var images = Seeded.Uniform($"{peer.Name}/images/{size}", [2, space.InputChannels, size, size], Math.Sqrt(3));
            return ((Tensor)classify.Invoke(module, [images])!).DetachFromDisposeScope();
        })];
    }

    /// <summary>
    /// Every weight from one generator, so that one run is like another: matrices as wide as PyTorch draws them, scales, shifts and
    /// statistics such as training makes them.
    /// </summary>
    internal static void Randomise(string key, Tensor value, TorchSharp.torch.Generator random)
    {
        if (value.dtype != ScalarType.Float32) return;
        var matrix = value.dim() > 1 && !key.EndsWith("_embed", StringComparison.Ordinal)
            && !key.EndsWith("_token", StringComparison.Ordinal);
        using var noise = randn(value.shape, generator: random).mul_(matrix ? Math.Sqrt(value.shape[0] / (3.0 * value.numel())) : 0.1);
        value.copy_(
            key.EndsWith("running_var", StringComparison.Ordinal) || (key.EndsWith("weight", StringComparison.Ordinal) && value.dim() == 1)
                ? noise.add_(1)
                : noise);
    }
}
