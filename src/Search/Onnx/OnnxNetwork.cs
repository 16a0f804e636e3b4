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
        var schedule = Schedule.OfLayers(plan, spec.Choices, spec.Size, spec.Head);
        var bytes = options.Bits is { } bits ? new OnnxBytes(graph, bits, !plan.GivesTokens) : null;
        var layers = new OnnxLayers(graph, state, bytes);
        var images = options.Pictures ? new OnnxPictures(graph, spec.Size, spec.PicturesOf(plan)).Images()
            : plan.GivesTokens ? graph.Input(Images, "N", plan.Space.InputChannels, spec.Size, spec.Size)
            : graph.Input(Images, "N", plan.Space.InputChannels, "height", "width");
        Run(schedule, layers, images, options.Maps ? Tapped : (_, _, x) => x, (step, x) =>
        {
            if (step is LogitsStep) layers.Linear(plan.HeadKey, x);
            else layers.Embedding(x, plan.GivesTokens);
            return graph.Rename(step is LogitsStep ? Logits : Embedding);
        });
        graph.Output(Embedding, "N", schedule.Embedding.Channels);
        if (options.Maps)
            foreach (var (tap, map) in schedule.Taps)
                graph.Output(
                    tap, "N", map.Channels, map.Tokens ? map.Side : tap + "_height", map.Tokens ? map.Side : tap + "_width");
        if (spec.Head > 0) graph.Output(Logits, "N", spec.Head);
        foreach (var value in options.Observed ?? []) graph.Observe(value);
        return graph.Model(spec.ClassName, typeof(OnnxNetwork).Assembly.GetName().Version!.ToString(3), metadata);

        string Tapped(string tap, Value value, string x)
        {
            // What the next stage multiplies as bytes is the map, too; nothing multiplies the last.
            var kept = value == schedule.Last ? null : bytes;
            if (value.Tokens) layers.Map(x, value);
            else kept?.Value(x);
            var map = graph.Rename(tap);
            if (value.Tokens) return x;
            kept?.Rename(x, map);
            return map;
        }
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
        var (schedule, layers) = (
            Schedule.OfBlocks(plan, plan.ActiveBlocks(spec.Choices), spec.Choices, spec.Size), new OnnxLayers(graph, state));
        var maps = new Dictionary<string, string>();
        Run(schedule, layers, images, (tap, value, x) =>
        {
            maps.Add(tap, value.Tokens ? layers.Map(x, value) : x);
            return value.Tokens ? x : onwards(tap, x);
        });
        return maps;
    }

    /// <summary>The steps of a schedule, one after the other.</summary>
    /// <param name="tapped">What goes on from a map for dense tasks, by its name, in its stead.</param>
    /// <param name="end">What comes behind the blocks, of what it takes.</param>
    private static void Run(
        Schedule schedule, OnnxLayers layers, string images, Func<string, Value, string, string> tapped,
        Func<ScheduleStep, string, string>? end = null)
    {
        var names = new Dictionary<Value, string> { [schedule.Image] = images };
        foreach (var step in schedule.Steps)
        {
            var y = step switch
            {
                LayerStep layer => layers.Apply(layer, names[step.Input]),
                SumStep sum => layers.Join(sum.Block.Key, names[step.Input], names[step.Added!]),
                _ => end!(step, names[step.Input]),
            };
            foreach (var (tap, value) in schedule.Taps.Where(tap => tap.Value == step.Output)) y = tapped(tap, value, y);
            names[step.Output] = y;
        }
    }
}
