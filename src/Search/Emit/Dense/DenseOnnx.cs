using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>
/// Detectors and segmenters as ONNX models of standard operators alone. A detector takes one image of its square, and the height and width
/// of what lies there; its NonMaxSuppression is the operator of that name, and what comes out needs no more work: <c>boxes</c> [K, 4],
/// <c>scores</c> [K] and <c>labels</c> [K], the best first. A segmenter takes batches, of any size but for transformers, and gives
/// <c>logits</c> [N, classes, H, W] and <c>labels</c> [N, H, W].
/// </summary>
internal static class DenseOnnx
{
    public const string Images = "images", Size = "size", Boxes = "boxes", Scores = "scores", Labels = "labels", Logits = "logits";

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="state">The weights, by the emitted class's keys.</param>
    public static void Write(
        string path, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var graph = new OnnxGraph(half: false);
        spec.Head.WriteOnnx(graph, spec, state);
        var model = graph.Model(spec.ClassName, typeof(DenseOnnx).Assembly.GetName().Version!.ToString(3), metadata);
        AtomicFile.Write(path, model.Write);
    }

    /// <summary>C2 to C5 of the backbone.</summary>
    /// <param name="onwards">What goes on from a map, by its place among the four, in its stead; null for the maps themselves.</param>
    public static string[] Maps(
        OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, OnnxMaps maps, string images,
        Func<int, string, string>? onwards = null)
    {
        const string part = "backbone.";
        var own = state.Where(entry => entry.Key.StartsWith(part, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[part.Length..], entry => entry.Value);
        List<string> taps = [.. spec.Maps.Select(map => map.Tap)];
        var outputs = OnnxNetwork.Maps(
            graph, spec.Plan, spec.Network, own, images, (tap, map) => onwards is null ? map : onwards(taps.IndexOf(tap), map));
        string[] taken = [.. taps.Select(tap => outputs[tap])];
        return spec.HasScales ? maps.Scales("scales", taken[0], SlicedBatchNorm2d.Epsilon) : taken;
    }
}
