using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A fully convolutional head as ONNX operators.</summary>
internal static class SegmenterOnnx
{
    public static void Write(OnnxGraph graph, DenseSpec spec, FcnSpec head, IReadOnlyDictionary<string, Tensor> state)
    {
        var size = spec.Network.Size;
        object height = spec.HasScales ? size : "height", width = spec.HasScales ? size : "width";
        var images = graph.Input(DenseOnnx.Images, "N", spec.Plan.Space.InputChannels, height, width);
        var maps = new OnnxMaps(graph, state);
        var c = DenseOnnx.Maps(graph, spec, state, maps, images);
        var hidden = maps.Relu(maps.BatchNorm("classifier.1", maps.Convolution("classifier.0", c[3]), SlicedBatchNorm2d.Epsilon));
        var scores = maps.Convolution("classifier.4", hidden);
        for (var i = 0; i < head.Finer; i++)
            scores = maps.Add(maps.Resize(scores, c[2 - i], bilinear: true), maps.Convolution($"skips.{i}", c[2 - i]));
        maps.Resize(scores, images, bilinear: true);
        graph.Output(graph.Rename(DenseOnnx.Logits), "N", head.Classes.Count, height, width);
        graph.Apply(DenseOnnx.Labels, "ArgMax", [DenseOnnx.Logits], ("axis", 1L), ("keepdims", 0L));
        graph.IntegerOutput(DenseOnnx.Labels, "N", height, width);
    }
}
