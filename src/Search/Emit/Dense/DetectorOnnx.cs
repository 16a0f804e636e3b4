using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>What detectors as ONNX operators have in common.</summary>
/// <param name="most">Detections of an image, at most.</param>
/// <param name="state">The weights, by the emitted class's keys.</param>
internal abstract class DetectorOnnx(OnnxGraph graph, DenseSpec spec, int most, IReadOnlyDictionary<string, Tensor> state)
{
    protected OnnxGraph Graph => graph;

    protected DenseSpec Spec => spec;

    protected OnnxMaps Maps { get; } = new(graph, state);

    /// <summary>Height and width of what lies in the square.</summary>
    private string Size { get; } = DenseOnnx.Size;

    /// <summary>Adds the whole network.</summary>
    public void Write()
    {
        var side = spec.Network.Size;
        var images = graph.Input(DenseOnnx.Images, 1, spec.Plan.Space.InputChannels, side, side);
        graph.Input(Size, 2);
        var (boxes, scores, labels) = Found(images);
        // The best of all classes, in order.
        var count = Apply("Min", graph.Integers(most), Apply("Shape", scores));
        var (top, order) = graph.ApplyTwo(DenseOnnx.Scores, Maps.Next("order"), "TopK", [scores, count], ("axis", 0L));
        graph.Apply(DenseOnnx.Labels, "Gather", [labels, order], ("axis", 0L));
        graph.Apply(DenseOnnx.Boxes, "Gather", [boxes, order], ("axis", 0L));
        graph.Output(DenseOnnx.Boxes, "K", 4);
        graph.Output(top, "K");
        graph.IntegerOutput(DenseOnnx.Labels, "K");
    }

    /// <summary>Boxes [K, 4], scores [K] and labels [K] of which none overlaps a better one of its class, in any order.</summary>
    protected abstract (string Boxes, string Scores, string Labels) Found(string images);

    /// <summary>C2 to C5; see <see cref="DenseOnnx.Maps"/>.</summary>
    protected string[] Backbone(string images, Func<int, string, string>? onwards = null) =>
        DenseOnnx.Maps(graph, spec, state, Maps, images, onwards);

    /// <summary>The pyramid on maps, without what is above the last.</summary>
    protected string[] Pyramid(string[] c)
    {
        var (levels, above) = (new string[c.Length], "");
        for (var i = c.Length - 1; i >= 0; i--)
        {
            var lateral = Maps.Convolution($"fpn.inner_blocks.{i}.0", c[i]);
            above = i == c.Length - 1 ? lateral : Maps.Add(lateral, Maps.Resize(above, lateral, bilinear: false));
            levels[i] = Maps.Convolution($"fpn.layer_blocks.{i}.0", above);
        }
        return levels;
    }

    /// <summary>[1, A * K, H, W] -> [H * W * A, K].</summary>
    protected string Rows(string map, int values) =>
        Apply("Reshape", Apply("Transpose", [map], ("perm", new long[] { 0, 2, 3, 1 })), graph.Integers(-1, values));

    /// <summary>Boxes [..., 4] cut at the image's edges.</summary>
    protected string Clip(string boxes)
    {
        // Height and width as width, height, width, height.
        var ends = Apply("Gather", [Size, graph.Integers(1, 0, 1, 0)], ("axis", 0L));
        return Apply("Max", Apply("Min", boxes, ends), graph.Number(0));
    }

    /// <summary>Of every second position of a side.</summary>
    protected static int Halved(int side) => (side - 1) / 2 + 1;

    protected string Sigmoid(string x) => Apply("Sigmoid", x);

    protected string Unsqueezed(string x, long axis = 0) => Apply("Unsqueeze", x, graph.Integers(axis));

    /// <summary>One of the last dimension, which goes.</summary>
    protected string Column(string rows, long column) => Apply("Gather", [rows, graph.Integer(column)], ("axis", -1L));

    /// <summary>Some of the last dimension, which stays.</summary>
    protected string Of(string x, params long[] places) => Apply("Gather", [x, graph.Integers(places)], ("axis", -1L));

    protected string Apply(string type, params string[] inputs) => Maps.Apply(type, inputs);

    protected string Apply(string type, string[] inputs, params (string Name, object Value)[] attributes) =>
        Maps.Apply(type, inputs, attributes);
}
