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
    public static double MaxAbsDifference(
        string source, string typeName, string weightsPath, Supernet net, Architecture architecture, NormStatistics statistics, Tensor images)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var type = InMemoryCompiler.Compile("DataSslProof", source).GetType(typeName, throwOnError: true)!;
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;
        type.GetMethod("load_safetensors")!.Invoke(module, [weightsPath]);
        module.eval();
        var previous = net.Statistics;
        net.Statistics = statistics;
        var slice = net.Features(images, architecture);
        net.Statistics = previous;
        var segments = net.SearchSpace.Segments;
        var expected = Enumerable.Range(1, segments.Count - 1).Where(i => segments[i].Tap.Length > 0).Select(i => Tokens.Map(slice[i])).Append(Supernet.Pool(slice[^1]));
        // Several maps come as a tuple.
        var features = type.GetMethod("features")!.Invoke(module, [images])!;
        IEnumerable<Tensor> maps = features is ITuple tuple ? Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!) : [(Tensor)features];
        var actual = maps.Append(module.call(images));
        return expected.Zip(actual, (a, b) => (a - b).abs().max().item<float>()).Max(d => double.IsNaN(d) ? double.PositiveInfinity : d);
    }
}
