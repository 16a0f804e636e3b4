using System.Runtime.CompilerServices;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit;

/// <summary>Shows that an emitted class is its supernet slice: compiles it, loads its weights from the file and compares every output on real images.</summary>
public static class FixedClassProof
{
    /// <summary>Largest absolute difference over the embedding and all stage maps; 0 is the claim, in 32 bits on the CPU.</summary>
    /// <param name="source">The emitted file.</param>
    /// <param name="typeName">Full name of the class in it.</param>
    /// <param name="weightsPath">Its safetensors file.</param>
    /// <param name="net">The supernet in 32 bits on the CPU.</param>
    /// <param name="statistics">The architecture's BatchNorm statistics.</param>
    /// <param name="images">[N, 3, H, W].</param>
    /// <exception cref="InvalidDataException">The class refuses the weights.</exception>
    public static double MaxAbsDifference(
        string source, string typeName, string weightsPath, Supernet net, Architecture architecture, NormStatistics statistics, Tensor images)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var type = InMemoryCompiler.Compile("DataSslProof", source).GetType(typeName, throwOnError: true)!;
        using var module = FixedNetwork.Create(type);
        FixedNetwork.Call(type, "load_safetensors", module, weightsPath);
        module.eval();
        var slice = Slice(net, architecture, statistics, images);
        var segments = net.SearchSpace.Segments;
        var tapped = Enumerable.Range(1, segments.Count - 1).Where(i => segments[i].Tap.Length > 0);
        var expected = tapped.Select(i => Tokens.Map(slice[i])).Append(Supernet.Pool(slice[^1])).ToList();
        // Several maps come as a tuple.
        var features = FixedNetwork.Call(type, "features", module, images);
        IEnumerable<Tensor> maps = features is ITuple tuple ? Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!) : [(Tensor)features];
        var actual = maps.Append(module.call(images)).ToList();
        if (actual.Count != expected.Count) throw new InvalidOperationException($"{typeName} has {actual.Count} outputs, its supernet slice {expected.Count}");
        // Not a number compares with nothing: it counts as a difference.
        return expected.Zip(actual, (a, b) => (a - b).abs().max().item<float>()).Max(d => double.IsNaN(d) ? double.PositiveInfinity : d);
    }

    private static Tensor[] Slice(Supernet net, Architecture architecture, NormStatistics statistics, Tensor images)
    {
        var previous = net.Statistics;
        net.Statistics = statistics;
        try
        {
            return net.Features(images, architecture);
        }
        finally
        {
            net.Statistics = previous;
        }
    }
}
