using System.Globalization;
using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>What heads for dense tasks compute of maps [N, C, H, W], as ONNX operators.</summary>
/// <param name="state">The weights, by the head's keys.</param>
internal sealed class OnnxMaps(OnnxGraph graph, IReadOnlyDictionary<string, Tensor> state)
{
    private readonly HashSet<string> known = [];

    /// <summary>Values without a key of their own are numbered.</summary>
    private int counter;

    /// <summary>A convolution whose padding keeps the side of an odd kernel.</summary>
    public string Convolution(string key, string x, int stride = 1)
    {
        var kernel = state[key + ".weight"].shape[2];
        string[] bias = state.ContainsKey(key + ".bias") ? [Weight(key + ".bias")] : [];
        return Apply(
            "Conv", [x, Weight(key + ".weight"), .. bias], ("kernel_shape", new[] { kernel, kernel }),
            ("strides", new long[] { stride, stride }), ("pads", new[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }));
    }

    /// <summary>[K, D] -> [K, D'].</summary>
    public string Linear(string key, string x) =>
        Apply("Gemm", [x, Weight(key + ".weight"), Weight(key + ".bias")], ("transB", 1L));

    public string BatchNorm(string key, string x, double epsilon) => Apply(
        "BatchNormalization",
        [x, Weight(key + ".weight"), Weight(key + ".bias"), Weight(key + ".running_mean"), Weight(key + ".running_var")],
        ("epsilon", (float)epsilon));

    /// <summary>GroupNorm as the norm of each group's values, which ONNX has under another name, and a scale and shift a channel.</summary>
    public string GroupNorm(string key, string x, int groups, double epsilon)
    {
        using var scope = NewDisposeScope();
        var (one, zero) = (graph.Weight(Next("ones"), ones(groups)), graph.Weight(Next("zeros"), zeros(groups)));
        var grouped = Apply("Reshape", [x, graph.Integers(0, groups, -1)]);
        var norm = Apply("InstanceNormalization", [grouped, one, zero], ("epsilon", (float)epsilon));
        var back = Apply("Reshape", [norm, Apply("Shape", [x])]);
        return Apply("Add", [Apply("Mul", [back, Channels(key + ".weight")]), Channels(key + ".bias")]);
    }

    /// <summary>A transformer's one map at four scales, the largest first.</summary>
    public string[] Scales(string part, string x, double epsilon)
    {
        var wide = Apply("Transpose", [Up(part + ".quarter_in", x)], ("perm", new long[] { 0, 2, 3, 1 }));
        var norm = Apply(
            "LayerNormalization", [wide, Weight(part + ".quarter_norm.weight"), Weight(part + ".quarter_norm.bias")], ("axis", -1L),
            ("epsilon", (float)epsilon));
        var quarter = Up(part + ".quarter_out", Gelu(Apply("Transpose", [norm], ("perm", new long[] { 0, 3, 1, 2 }))));
        var pooled = Apply("MaxPool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        return [quarter, Up(part + ".half", x), x, pooled];

        string Up(string key, string map) => Apply(
            "ConvTranspose", [map, Weight(key + ".weight"), Weight(key + ".bias")], ("kernel_shape", new long[] { 2, 2 }),
            ("strides", new long[] { 2, 2 }));
    }

    /// <summary>As high and wide as another.</summary>
    public string Resize(string x, string other, bool bilinear)
    {
        var (first, last) = (Apply("Shape", [x], ("start", 0L), ("end", 2L)), Apply("Shape", [other], ("start", 2L), ("end", 4L)));
        var shape = Apply("Concat", [first, last], ("axis", 0L));
        return bilinear
            ? Apply("Resize", [x, "", "", shape], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
            : Apply(
                "Resize", [x, "", "", shape], ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"),
                ("nearest_mode", "floor"));
    }

    public string Relu(string x) => Apply("Relu", [x]);

    public string Add(string x, string y) => Apply("Add", [x, y]);

    /// <summary>An operator whose result is numbered.</summary>
    public string Apply(string type, string[] inputs, params (string Name, object Value)[] attributes) =>
        graph.Apply(Next(type), type, inputs, attributes);

    public string Next(string word) => string.Create(CultureInfo.InvariantCulture, $"head_{word}_{++counter}");

    private string Gelu(string x)
    {
        var erf = Apply("Erf", [Apply("Mul", [x, graph.Number(1 / MathF.Sqrt(2))])]);
        return Apply("Mul", [Apply("Mul", [x, graph.Number(0.5f)]), Apply("Add", [erf, graph.Number(1)])]);
    }

    /// <summary>A head's weights are those of every level, and in the file once.</summary>
    private string Weight(string key) => known.Add(key) ? graph.Weight(key, state[key]) : key;

    /// <summary>The same of one number a channel: [C, 1, 1].</summary>
    private string Channels(string key) => known.Add(key) ? graph.Weight(key, state[key].reshape(-1, 1, 1)) : key;
}
