using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>The layers of a plan as ONNX operators.</summary>
/// <param name="state">The weights, by the keys of the architecture's own network.</param>
/// <param name="bytes">What is computed in 8 bits; null for nothing.</param>
internal sealed class OnnxLayers(OnnxGraph graph, IReadOnlyDictionary<string, Tensor> state, OnnxBytes? bytes = null)
{
    /// <summary>Values without a key of their own are numbered.</summary>
    private int counter;

    /// <summary>A layer of a block on a value.</summary>
    public string Apply(LayerStep step, string x)
    {
        var (layer, key) = (step.Layer, step.Key);
        return layer.Kind switch
        {
            LayerKind.Conv or LayerKind.Depthwise or LayerKind.Patches => Convolution(),
            LayerKind.BatchNorm => graph.Apply(Next("norm"), "BatchNormalization",
                [x, Weight(key + ".weight"), Weight(key + ".bias"), Weight(key + ".running_mean"), Weight(key + ".running_var")],
                ("epsilon", (float)SlicedBatchNorm2d.Epsilon)),
            LayerKind.Relu => Relu(x),
            LayerKind.Relu6 => graph.Apply(Next("relu6"), "Clip", [x, graph.Number(0), graph.Number(6)]),
            LayerKind.MaxPool => MaxPool(),
            LayerKind.ClassToken => ClassToken(),
            LayerKind.Positions => graph.Apply(Next("positions"), "Add", [x, Positions()]),
            LayerKind.LayerNorm => graph.Apply(
                Next("norm"), "LayerNormalization", [x, Weight(key + ".weight"), Weight(key + ".bias")], ("axis", -1L),
                ("epsilon", (float)SlicedLayerNorm.Epsilon)),
            LayerKind.Linear => Linear(key, x),
            LayerKind.Attention => Attention(),
            LayerKind.Gelu => Gelu(x),
            _ => throw new ArgumentException($"{layer.Kind} has no ONNX form", nameof(layer)),
        };

        string MaxPool()
        {
            var kept = bytes?.Value(x) ?? x;
            var pool = graph.Apply(
                Next("pool"), "MaxPool", [kept], ("kernel_shape", Pair(step.Kernel)), ("strides", Pair(step.Stride)),
                ("pads", Padding(step.Kernel / 2)));
            bytes?.KeepAs(pool, x);
            return pool;
        }

        string Convolution()
        {
            long channels = step.Output.Channels;
            string[] inputs = bytes?.Takes(key) == true
                ? bytes.Convolution(key, x, state[key + ".weight"], state[key + ".bias"])
                : state.ContainsKey(key + ".bias")
                ? [x, Weight(key + ".weight"), Weight(key + ".bias")]
                : [x, Weight(key + ".weight")];
            var map = graph.Apply(Next("convolution"), "Conv", inputs,
                ("kernel_shape", Pair(step.Kernel)), ("strides", Pair(step.Stride)),
                ("pads", Padding(layer.Kind == LayerKind.Patches ? 0 : step.Kernel / 2)),
                ("group", layer.Kind == LayerKind.Depthwise ? channels : 1L));
            return layer.Kind == LayerKind.Patches ? Transposed(Reshaped(map, 0, channels, -1), 0, 2, 1) : map;
        }

        // One for each image: the sides that are 1 widen to those of the shape.
        string ClassToken()
        {
            var images = graph.Apply(Next("images"), "Shape", [x], ("start", 0L), ("end", 1L));
            var shape = graph.Apply(Next("shape"), "Concat", [images, graph.Integers(1, 1)], ("axis", 0L));
            return graph.Apply(Next("tokens"), "Concat", [graph.Apply(Next("token"), "Expand", [Weight(key), shape]), x], ("axis", 1L));
        }

        string Positions()
        {
            using var resized = Tokens.ResizePositions(state[key], step.Output.Positions).alias();
            return graph.Weight(key, resized);
        }

        string Attention()
        {
            var (heads, size) = (step.Output.Channels / layer.HeadSize, layer.HeadSize);
            var parts = Transposed(Reshaped(x, 0, 0, 3, heads, size), 2, 0, 3, 1, 4);
            var (query, keys, values) = (Part(0), Part(1), Part(2));
            var products = graph.Apply(Next("products"), "MatMul", [query, Transposed(keys, 0, 1, 3, 2)]);
            var scaled = graph.Apply(Next("scaled"), "Mul", [products, graph.Number(1 / MathF.Sqrt(size))]);
            var mixed = graph.Apply(Next("mixed"), "MatMul", [graph.Apply(Next("attention"), "Softmax", [scaled], ("axis", -1L)), values]);
            return Reshaped(Transposed(mixed, 0, 2, 1, 3), 0, 0, heads * size);

            string Part(long index) => graph.Apply(Next("part"), "Gather", [parts, graph.Integer(index)], ("axis", 0L));
        }
    }

    public string Relu(string x) => graph.Apply(Next("relu"), "Relu", [x]);

    public string Sum(string x, string y) => graph.Apply(Next("sum"), "Add", [x, y]);

    /// <summary>A branch's result and its shortcut as one.</summary>
    /// <param name="block">The key of the block, whose layer this is by name.</param>
    public string Join(string block, string x, string shortcut) =>
        bytes is { HasMaps: true } && bytes.Takes(block) ? Sum(bytes.Value(x), bytes.Value(shortcut)) : Sum(x, shortcut);

    /// <summary>A matrix with bias over the last dimension.</summary>
    public string Linear(string key, string x)
    {
        using var transposed = state[key + ".weight"].transpose(0, 1);
        string[] factors = bytes?.Takes(key) == true ? bytes.Product(key, x, transposed) : [x, graph.Weight(key + ".weight", transposed)];
        return Sum(graph.Apply(Next("product"), "MatMul", factors), Weight(key + ".bias"));
    }

    /// <summary>The class token, [N, 1 + T, C] -> [N, C]; or the mean over a map's positions, [N, C, H, W] -> [N, C].</summary>
    public string Embedding(string x, bool ofTokens) => ofTokens
        ? graph.Apply(Next("token"), "Gather", [x, graph.Integer(0)], ("axis", 1L))
        : graph.Apply(Next("embedding"), "Flatten", [graph.Apply(Next("mean"), "GlobalAveragePool", [x])], ("axis", 1L));

    /// <summary>Tokens without the class token as a map: [N, 1 + H * W, C] -> [N, C, H, W].</summary>
    public string Map(string x, Value value)
    {
        var (channels, side) = (value.Channels, (long)value.Side);
        // Names of its own: those of the network's values are the same with maps and without.
        var tokens = graph.Apply(
            x + ".tokens", "Slice", [x, graph.Integers(1), graph.Integers(1 + side * side), graph.Integers(1)]);
        var columns = graph.Apply(x + ".columns", "Transpose", [tokens], ("perm", new long[] { 0, 2, 1 }));
        return graph.Apply(x + ".map", "Reshape", [columns, graph.Integers(0, channels, side, side)]);
    }

    private string Gelu(string x)
    {
        var erf = graph.Apply(Next("erf"), "Erf", [graph.Apply(Next("scaled"), "Mul", [x, graph.Number(1 / MathF.Sqrt(2))])]);
        return graph.Apply(
            Next("gelu"), "Mul",
            [graph.Apply(Next("half"), "Mul", [x, graph.Number(0.5f)]), graph.Apply(Next("gate"), "Add", [erf, graph.Number(1)])]);
    }

    private string Weight(string key) => graph.Weight(key, state[key]);

    private string Reshaped(string x, params long[] shape) => graph.Apply(Next("reshaped"), "Reshape", [x, graph.Integers(shape)]);

    private string Transposed(string x, params long[] order) => graph.Apply(Next("transposed"), "Transpose", [x], ("perm", order));

    private string Next(string word) => $"{word}_{++counter}";

    private static long[] Pair(long side) => [side, side];

    private static long[] Padding(long side) => [side, side, side, side];
}
