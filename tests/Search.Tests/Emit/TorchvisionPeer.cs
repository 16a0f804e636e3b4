using DataSsl.Generator;
using DataSsl.Runtime.Storage;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>
/// The emitted ResNet50, and what <c>resnet50.py</c> recorded of torchvision's: keys, shapes, and the maps that seeded weights give for the
/// same images.
/// </summary>
public sealed class TorchvisionPeer : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Recording recording = Recording.Of("resnet50");

    public TorchvisionPeer()
    {
        Images = Seeded.Uniform("resnet50/images", [2, 3, 64, 64], Math.Sqrt(3));
        var space = DataResNet.Space;
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(space.Name, space.Source).Space!);
        var choices = space.Parse("ResNet50").Choices.ToArray().ToEquatableArray();
        Emitted = new(
            SpaceCompiler.EmitFixedClass(plan, new("ResNet50", "Acme.Models", choices, 224, Array.Empty<string>().ToEquatableArray())),
            "Acme.Models.ResNet50");
    }

    internal EmittedModule Emitted { get; }

    public Tensor Images { get; }

    /// <summary>torchvision's keys and shapes, those of fc among them.</summary>
    public IEnumerable<(string Key, long[] Shape)> Keys =>
        recording.Text("keys").Split('\n').Select(line => line.Split(' '))
            .Select(parts => (parts[0], parts[1].Split('x', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray()));

    /// <summary>Sketches of C2 to C5 and the embedding, and their shapes [5, 4].</summary>
    public (Tensor Sketches, Tensor Shapes) Outputs(string of) => (recording[of], recording["shapes"]);

    /// <summary>A file of seeded weights under torchvision's keys.</summary>
    public string Weights(bool withClassifier)
    {
        using var scope = NewDisposeScope();
        var path = folder.File(withClassifier ? "torchvision.safetensors" : "backbone.safetensors");
        var weights = Keys.Where(entry => withClassifier || !IsClassifier(entry.Key))
            .Select(
                entry =>
                    (entry.Key, entry.Shape.Length == 0 ? tensor(0L) : Seeded.Parameter($"resnet50/{entry.Key}", entry.Shape, gain: 3)));
        SafeTensors.Write(path, weights, new Dictionary<string, string>());
        return path;
    }

    public static bool IsClassifier(string key) => key.StartsWith("fc.", StringComparison.Ordinal);

    public void Dispose()
    {
        Emitted.Dispose();
        Images.Dispose();
        recording.Dispose();
        folder.Dispose();
    }
}
