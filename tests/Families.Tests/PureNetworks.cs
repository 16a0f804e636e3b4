using System.Reflection;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Emit.Pure;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>
/// Architectures of one space as TorchSharp classes and as pure C# classes, compiled together, with random weights that both load from one
/// file.
/// </summary>
internal sealed class PureNetworks : IDisposable
{
    public const int Classes = 5;

    private const string Namespace = "Emitted";
    private readonly string folder = Directory.CreateTempSubdirectory("pure-").FullName;
    private readonly Assembly assembly;
    private readonly TorchSharp.torch.Generator random = new(7);
    private readonly SearchSpace space;
    private readonly IReadOnlyList<int> sizes;

    /// <param name="networks">Architectures, each with the side of its images.</param>
    public PureNetworks(SearchSpace space, IReadOnlyList<(Architecture Architecture, int Size)> networks)
    {
        (this.space, sizes) = (space, [.. networks.Select(n => n.Size)]);
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(space.Name, space.Source).Space!);
        var specs = networks.Select(
                (n, i) =>
                    new FixedClassSpec(
                        $"Pure{i}", Namespace, n.Architecture.Choices.ToArray().ToEquatableArray(), n.Size, default, Classes))
            .ToList();
        var torch = specs.Select((s, i) => SpaceCompiler.EmitFixedClass(plan, s with { ClassName = $"Torch{i}" }));
        assembly = InMemoryCompiler.Compile(
            "PureNetworks", [.. torch, PureClassEmitter.Emit(plan, specs, Namespace + ".Kernels"), .. specs.Select(s => Runner(plan, s))]);
    }

    public void Dispose()
    {
        random.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The largest difference of any output, each relative to its own largest value: logits, embedding, and every map.</summary>
    public float RelativeDifference(int index, int images, int threads, int vectorBits)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (path, module) = Weights(index);
        var batch = randn([images, space.InputChannels, sizes[index], sizes[index]], generator: random);
        var features = module.GetType().GetMethod("features")!.Invoke(module, [batch]);
        var maps = features is System.Runtime.CompilerServices.ITuple tuple
            ? Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!)
            : [(Tensor)features!];
        var expected = maps.Prepend(module.call(batch)).Prepend((Tensor)module.GetType().GetMethod("classify")!.Invoke(module, [batch])!)
            .ToList();
        var actual = (float[][])Call(index, "Run", path, threads, vectorBits, batch.data<float>().ToArray())!;
        Assert.Equal(expected.Count, actual.Length);
        return expected.Zip(actual, (e, a) => Relative(e.contiguous().data<float>().ToArray(), a)).Max();
    }

    /// <summary>
    /// What the calling thread allocates in each further pass over an image: the least of three, as a wait for another thread makes its
    /// event when it first lasts, which may be in any of them.
    /// </summary>
    public long Allocated(int index, int threads)
    {
        using var scope = NewDisposeScope();
        return (long)Call(index, "Allocated", Weights(index).Path, threads, new float[space.InputChannels * sizes[index] * sizes[index]])!;
    }

    /// <summary>A weights file of one of the architectures.</summary>
    public (string Path, nn.Module<Tensor, Tensor> Module) Weights(int index)
    {
        using var grad = no_grad();
        var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(
            assembly.GetType($"{Namespace}.Torch{index}", throwOnError: true)!, [null, null])!;
        foreach (var (key, value) in module.state_dict()) PeerNetworks.Randomise(key, value, random);
        module.eval();
        var path = Path.Combine(folder, $"{index}.safetensors");
        SafeTensors.Write(path, module.state_dict().Select(e => (e.Key, e.Value)), new Dictionary<string, string>());
        return (path, module);
    }

    public object? Call(int index, string method, params object[] arguments) =>
        assembly.GetType($"{Namespace}.Runner{index}", throwOnError: true)!.GetMethod(method)!.Invoke(
            null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static float Relative(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (difference, largest) = (0f, expected.Max(Math.Abs));
        // Not a number compares with nothing: it counts as a difference.
        for (var i = 0; i < expected.Length; i++)
            difference = Math.Abs(expected[i] - actual[i]) is var d && d <= difference
                ? difference
                : float.IsNaN(d)
                ? float.PositiveInfinity
                : d;
        return difference / largest;
    }

    /// <summary>Calls a class by arrays: its own methods take spans, which reflection cannot pass.</summary>
    private static string Runner(NetworkPlan plan, FixedClassSpec spec)
    {
        var taps = plan.Taps.Select(
                t =>
                    (Name: t.Tap, Length
                        : t.Out.At(spec.Choices) * (long)Math.Pow(
                            plan.Geometry.SideAt(plan.Geometry.After(plan.Segments.ToList().IndexOf(t)), spec.Size), 2)))
            .ToList();
        return $$"""
            namespace {{Namespace}};

            public static class Runner{{spec.ClassName[4..]}}
            {
                public static float[][] Run(string path, int threads, int bits, float[] images)
                {
                    using var net = {{spec.ClassName}}.Load(path, threads, bits);
                    var n = images.Length / ({{spec.ClassName}}.Channels * {{spec.ClassName}}.Side * {{spec.ClassName}}.Side);
                    float[][] results = [new float[n * {{spec.ClassName}}.Classes], new float[n * {{spec.ClassName}}.Width], {{string.Join(", ", taps.Select(t => $"new float[n * {t.Length}]"))}}];
                    net.Classify(images, results[0]);
                    net.Embed(images, results[1]);
                    net.Features(images, {{string.Join(", ", taps.Select((_, i) => $"results[{i + 2}]"))}});
                    return results;
                }

                public static bool IsChecked(string path)
                {
                    using var net = {{spec.ClassName}}.Load(path);
                    return net.IsChecked;
                }

                public static long Allocated(string path, int threads, float[] image)
                {
                    using var net = {{spec.ClassName}}.Load(path, threads);
                    var embedding = new float[{{spec.ClassName}}.Width];
                    net.Embed(image, embedding);
                    var least = long.MaxValue;
                    for (var pass = 0; pass < 3; pass++)
                    {
                        var before = System.GC.GetAllocatedBytesForCurrentThread();
                        net.Embed(image, embedding);
                        least = System.Math.Min(least, System.GC.GetAllocatedBytesForCurrentThread() - before);
                    }
                    return least;
                }
            }
            """;
    }
}
