using System.Reflection;
using System.Runtime.CompilerServices;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using DataSsl.SearchSpaces;
using TorchSharp;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Families.Tests;

/// <summary>
/// Architectures of every family as classes with random weights, and each of their other forms: what it gives for the same images.
/// </summary>
public sealed class FormNetworks : IDisposable
{
    private const int Classes = 5;

    private readonly string folder = Directory.CreateTempSubdirectory("forms-").FullName;
    private readonly Dictionary<string, List<double>> differences = [];

    public FormNetworks()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new torch.Generator(7);
        var cases = Cases.Select(
                c =>
                    (c.Name, c.Architecture, c.Size, Plan
                        : SpaceCompiler.Lower(SpaceCompiler.Parse(c.Name, c.Architecture.Space.Source).Space!)))
            .ToList();
        var assembly = InMemoryCompiler.Compile(
            "Forms",
            [.. cases.SelectMany(c => Specs(c.Name, c.Architecture, c.Size).Select(spec => SpaceCompiler.EmitFixedClass(c.Plan, spec)))]);
        foreach (var (name, architecture, size, plan) in cases)
        {
            using var inner = NewDisposeScope();
            Make(assembly, name, architecture, size, plan, random);
        }
    }

    /// <summary>
    /// One architecture off the grid of each small space, at a size that divides badly, and of each handwritten one another on the grid.
    /// </summary>
    public static IReadOnlyList<(string Name, Architecture Architecture, int Size)> Cases { get; } = [.. SmallSpaces.All.SelectMany(space =>
    {
        var random = CounterRandom.For(17, "forms");
        var slice = space.Anchors.Select(a => a.Name).Contains("Somewhere") ? "Somewhere" : "OffGrid";
        var offGrid = ($"{space.Name}_Slice", space.Parse(slice), space.Family == "vit" ? 48 : 45);
        return SmallSpaces.Handwritten.Contains(space)
            ? new[] { ($"{space.Name}_Grid", space.Sample(ref random), space.InputSize), offGrid }
            : [offGrid];
    })];

    /// <summary>
    /// Of the class folded, or from weights in half precision, or of a model in ONNX Runtime: the largest difference of any output,
    /// relative to its largest value.
    /// </summary>
    public double Difference(string name, string form) =>
        differences.TryGetValue($"{name}.{form}", out var all)
            ? all.Max()
            : throw new InvalidOperationException($"{name} has no form {form}");

    public bool Has(string name, string form) => differences.ContainsKey($"{name}.{form}");

    /// <summary>What ONNX's checker says against the models, by file; skips the test where it is missing.</summary>
    public IReadOnlyDictionary<string, string> Faults => OnnxFile.Check(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static FixedClassSpec[] Specs(string name, Architecture architecture, int size)
    {
        var spec = new FixedClassSpec(name, "Emitted", architecture.Choices.ToArray().ToEquatableArray(), size, default, Classes);
        return [spec, spec with { ClassName = name + "Folded", Folded = true }];
    }

    private void Make(Assembly assembly, string name, Architecture architecture, int size, NetworkPlan plan, torch.Generator random)
    {
        var specs = Specs(name, architecture, size);
        using var module = Create(assembly, specs[0]);
        foreach (var (key, value) in module.state_dict()) PeerNetworks.Randomise(key, value, random);
        var (weights, half) = (Path.Combine(folder, name + ".safetensors"), Path.Combine(folder, name + ".half.safetensors"));
        SafeTensors.Write(weights, module.state_dict().Select(e => (e.Key, e.Value)), new Dictionary<string, string>());
        SafeTensors.Write(half, HalfPrecision.Of(module.state_dict().Select(e => (e.Key, e.Value))), new Dictionary<string, string>());
        using var folded = Load(Create(assembly, specs[1]), weights);
        using var halved = Load(Create(assembly, specs[0]), half);
        Write("plain", plan, specs[0], module, new());
        Write("half", plan, specs[0], module, new(Half: true));
        var folds = Folding.Applies(plan);
        if (folds) Write("folded", Folding.Fold(plan), specs[1], folded, new(Maps: false));
        foreach (var (images, side) in new[] { (2, size), (3, architecture.Space.Family == "vit" ? size : size + 20) })
        {
            var batch = randn([images, architecture.Space.InputChannels, side, side], generator: random);
            var expected = Outputs(module, batch, plan);
            Compare("folded", expected, Outputs(folded, batch, plan));
            Compare("half", expected, Outputs(halved, batch, plan));
            foreach (var form in folds ? new[] { "plain", "half", "folded" } : ["plain", "half"])
            {
                using var model = new OnnxModel(Model(form), threads: 1);
                Compare($"{form}.runtime", expected, model.Run(batch));
            }
        }

        string Model(string form) => Path.Combine(folder, $"{name}.{form}.onnx");

        void Write(string form, NetworkPlan of, FixedClassSpec spec, nn.Module<Tensor, Tensor> network, OnnxOptions options) =>
            OnnxNetwork.Write(
                Model(form), of, spec, network.state_dict(), new Dictionary<string, string> { ["architecture"] = architecture.ToString() },
                options);

        void Compare(string form, IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
        {
            foreach (var (output, values) in actual)
                Note($"{name}.{form}", expected[output].contiguous().data<float>().ToArray(), values.contiguous().data<float>().ToArray());
        }
    }

    /// <summary>Not a number compares with nothing: it counts as a difference.</summary>
    private void Note(string form, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.Any(v => v != 0), $"{form}: nothing passes the ReLUs of the class, so that nothing is compared");
        var difference = expected.Zip(actual, (a, b) => double.IsNaN((double)a - b) ? double.PositiveInfinity : Math.Abs((double)a - b))
            .Max() / expected.Max(Math.Abs);
        if (!differences.TryGetValue(form, out var all)) differences.Add(form, all = []);
        all.Add(difference);
    }

    private static nn.Module<Tensor, Tensor> Create(Assembly assembly, FixedClassSpec spec)
    {
        var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(
            assembly.GetType($"Emitted.{spec.ClassName}", throwOnError: true)!, [null, null])!;
        module.eval();
        return module;
    }

    private static nn.Module<Tensor, Tensor> Load(nn.Module<Tensor, Tensor> module, string weights)
    {
        module.GetType().GetMethod("load_safetensors")!.Invoke(module, [weights]);
        return module;
    }

    private static Dictionary<string, Tensor> Outputs(nn.Module<Tensor, Tensor> module, Tensor images, NetworkPlan plan)
    {
        var features = module.GetType().GetMethod("features")!.Invoke(module, [images])!;
        IEnumerable<Tensor> maps = features is ITuple tuple
            ? Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!)
            : [(Tensor)features];
        var outputs = plan.Taps.Zip(maps).ToDictionary(t => t.First.Tap, t => t.Second);
        outputs.Add("embedding", module.call(images));
        outputs.Add("logits", (Tensor)module.GetType().GetMethod("classify")!.Invoke(module, [images])!);
        return outputs;
    }
}
