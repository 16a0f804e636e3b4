using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>What an ONNX file holds beside the network.</summary>
/// <param name="Half">Matrices and kernels are stored in 16 bits; computing stays in 32.</param>
/// <param name="Maps">The maps for dense tasks are outputs too.</param>
/// <param name="Pictures">The input is pictures of bytes, of any size, and what makes images of them stands before the network.</param>
/// <param name="Bits">What is computed in 8 bits, of a folded plan; null for nothing.</param>
/// <param name="Observed">Values on the way that are outputs too, by the names that <see cref="EightBits.Range"/> is asked for; without
/// maps.</param>
public sealed record OnnxOptions(
    bool Half = false, bool Maps = true, bool Pictures = false, EightBits? Bits = null, IReadOnlyList<string>? Observed = null);

/// <summary>
/// An architecture of a plan as an ONNX model: input <c>images</c>, outputs <c>embedding</c>, the maps under their names (C2 …), and
/// <c>logits</c> where there is a head. The batch is free; so are the sides of the images, but for transformers, whose positions are those
/// of one size. With <see cref="OnnxOptions.Pictures"/> the input is <c>pixels</c> instead.
/// </summary>
public static class OnnxNetwork
{
    internal const string Images = "images", Embedding = "embedding", Logits = "logits";

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="plan">Folded or not; it says what <paramref name="state"/> holds.</param>
    /// <param name="spec">Names, choices, size and head of the class that computes the same.</param>
    /// <param name="state">The class's state dict.</param>
    /// <param name="metadata">Strings for the model's metadata.</param>
    public static void Write(
        string path, NetworkPlan plan, FixedClassSpec spec, IReadOnlyDictionary<string, Tensor> state,
        IReadOnlyDictionary<string, string> metadata, OnnxOptions? options = null)
    {
        var model = Model(plan, spec, state, metadata, options ?? new());
        AtomicFile.Write(path, model.Write);
    }

    private static ProtoMessage Model(
        NetworkPlan plan, FixedClassSpec spec, IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<string, string> metadata,
        OnnxOptions options)
    {
        var graph = new OnnxGraph(options.Half);
        var last = plan.Geometry.After(plan.Segments.Count - 1);
        var side = plan.Geometry.SideAt(last, spec.Size);
        var bytes = options.Bits is { } bits ? new OnnxBytes(graph, bits, !plan.GivesTokens) : null;
        var layers = new OnnxLayers(graph, state, spec.Choices, plan.Geometry.PositionsAt(last, spec.Size), bytes);
        var x = options.Pictures ? new OnnxPictures(graph, spec.Size, spec.PicturesOf(plan)).Images()
            : plan.GivesTokens ? graph.Input(Images, "N", plan.Space.InputChannels, spec.Size, spec.Size)
            : graph.Input(Images, "N", plan.Space.InputChannels, "height", "width");
        var maps = new List<(string Name, object[] Shape)>();
        foreach (var segment in plan.ActiveBlocks(spec.Choices).GroupBy(b => b.Segment))
        {
            foreach (var placed in segment) x = Run(layers, placed, x);
            if (!options.Maps || !plan.Taps.Contains(segment.Key)) continue;
            var (tap, channels) = (segment.Key.Tap, segment.Key.Out.At(spec.Choices));
            // What the next stage multiplies as bytes is the map, too; nothing multiplies the last.
            var inBytes = !plan.GivesTokens && segment.Key != plan.Segments[^1];
            if (plan.GivesTokens) layers.Map(x, channels, side);
            else if (inBytes) bytes?.Value(x);
            var map = graph.Rename(tap);
            if (inBytes) bytes?.Rename(x, map);
            if (!plan.GivesTokens) x = map;
            maps.Add((tap, plan.GivesTokens ? ["N", channels, side, side] : ["N", channels, tap + "_height", tap + "_width"]));
        }
        if (plan.GivesTokens) layers.Token(x);
        else layers.Mean(x);
        x = graph.Rename(Embedding);
        graph.Output(Embedding, "N", plan.Embedding.At(spec.Choices));
        foreach (var (name, shape) in maps) graph.Output(name, shape);
        if (spec.Head > 0)
        {
            layers.Linear(plan.HeadKey, x);
            graph.Output(graph.Rename(Logits), "N", spec.Head);
        }
        foreach (var value in options.Observed ?? []) graph.Observe(value);
        return graph.Model(spec.ClassName, typeof(OnnxNetwork).Assembly.GetName().Version!.ToString(3), metadata);
    }

    /// <summary>
    /// The maps of an architecture for dense tasks, by their names, and nothing behind the last; a transformer's are of its spec's size.
    /// </summary>
    /// <param name="state">The weights, by the keys of the architecture's own network.</param>
    /// <param name="onwards">What goes on from a map of a name, in its stead.</param>
    internal static IReadOnlyDictionary<string, string> Maps(
        OnnxGraph graph, NetworkPlan plan, FixedClassSpec spec, IReadOnlyDictionary<string, Tensor> state, string images,
        Func<string, string, string> onwards)
    {
        var last = plan.Geometry.After(plan.Segments.Count - 1);
        var side = plan.Geometry.SideAt(last, spec.Size);
        var (layers, x, maps) = (new OnnxLayers(graph, state, spec.Choices, plan.Geometry.PositionsAt(last, spec.Size)), images,
            new Dictionary<string, string>());
        foreach (var segment in plan.ActiveBlocks(spec.Choices).GroupBy(b => b.Segment))
        {
            foreach (var placed in segment) x = Run(layers, placed, x);
            if (!plan.Taps.Contains(segment.Key)) continue;
            var (tap, map) = (segment.Key.Tap, plan.GivesTokens ? layers.Map(x, segment.Key.Out.At(spec.Choices), side) : x);
            maps.Add(tap, map);
            if (!plan.GivesTokens) x = onwards(tap, map);
        }
        return maps;
    }

    /// <summary>A block's branches, each on the result of the one before, joined with their shortcuts.</summary>
    private static string Run(OnnxLayers layers, PlacedBlock placed, string x)
    {
        var block = placed.Block;
        foreach (var branch in block.Template.Branches)
        {
            var y = Chain(branch.Layers, x);
            if (branch.Adds && (!branch.MayAdd || block.TakesOptional))
            {
                var shortcut = block.Shortcut == Shortcut.Projection ? Chain(branch.Projection, x) : x;
                y = Chain(branch.After, layers.Join(placed.Key, y, shortcut));
            }
            x = y;
        }
        return x;

        string Chain(IEnumerable<Layer> chain, string from) => chain.Aggregate(from, (value, layer) => layers.Apply(placed, layer, value));
    }
}
