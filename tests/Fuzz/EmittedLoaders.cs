using System.Reflection;
using DataSsl.Cli.Tests;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Fuzz;

/// <summary>
/// The classes that <c>emit</c> writes of one network, compiled as their user would, each with what it makes of a file of weights: its
/// state, or its embedding of one image, as numbers.
/// </summary>
internal sealed class EmittedLoaders
{
    private const string Runner = """
        namespace DataSsl.Models;

        public static class Runner
        {
            public static float[] Embed(string weights)
            {
                using var net = FuzzNetPure.Load(weights);
                var (image, embedding) = (new float[FuzzNetPure.Channels * FuzzNetPure.Side * FuzzNetPure.Side], new float[FuzzNetPure.Width]);
                for (var i = 0; i < image.Length; i++) image[i] = System.MathF.Sin(i);
                net.Embed(image, embedding);
                return embedding;
            }
        }
        """;

    public EmittedLoaders(TrainedRun run)
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--data", run.Data, "--images", "8", "--size", "32", "--arch", "Min", "--name", "FuzzNet",
            "--namespace", "DataSsl.Models", "--forms", "class,folded,csharp,half", "--out", folder);
        string Source(string name) => File.ReadAllText(Path.Combine(folder, name));
        var assembly = InMemoryCompiler.Compile(
            "FuzzNet", Source("FuzzNet.cs"), Source("FuzzNetFolded.cs"), Source("FuzzNetPure.cs"), Runner);
        (Weights, Half) = (Path.Combine(folder, "FuzzNet.safetensors"), Path.Combine(folder, "FuzzNet.half.safetensors"));
        var embed = assembly.GetType(
            "DataSsl.Models.Runner", throwOnError: true)!.GetMethod("Embed")!.CreateDelegate<Func<string, float[]>>();
        All =
        [
            ("class", path => State(assembly, "FuzzNet", path)), ("folded", path => State(assembly, "FuzzNetFolded", path)),
            ("pure", embed),
        ];
    }

    public string Weights { get; }

    public string Half { get; }

    public IReadOnlyList<(string Name, Func<string, float[]> Load)> All { get; }

    private static float[] State(Assembly assembly, string name, string path)
    {
        using var scope = NewDisposeScope();
        var type = assembly.GetType($"DataSsl.Models.{name}", throwOnError: true)!;
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        type.GetMethod("load_safetensors")!.Invoke(module, BindingFlags.DoNotWrapExceptions, null, [path], null);
        return
        [
            .. module.state_dict().OrderBy(e => e.Key, StringComparer.Ordinal)
                .SelectMany(e => e.Value.to(ScalarType.Float32).contiguous().data<float>().ToArray()),
        ];
    }
}
