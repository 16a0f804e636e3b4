using static TorchSharp.torch;

namespace DataSsl.Peers.Infer;

/// <summary>torchvision's mobilenet_v2.</summary>
internal sealed class MobileNetV2 : Network
{
    private readonly ConvNorm stem;
    private readonly List<(ConvNorm[] Layers, bool Shortcut)> blocks = [];
    private readonly ConvNorm last;

    public MobileNetV2(Func<string, long[], Tensor> weights, NetworkStyle style)
    {
        stem = Layer("features.0.0", "features.0.1", 3, 32, 3, 2, Activation.Relu6);
        var channels = 32;
        (int Expansion, int Outputs, int Depth, int Stride)[] stages =
        [
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ];
        foreach (var (expansion, outputs, depth, firstStride) in stages)
            for (var i = 0; i < depth; i++)
            {
                var (name, stride, hidden) = ($"features.{blocks.Count + 1}.conv", i == 0 ? firstStride : 1, expansion * channels);
                var layers = new List<ConvNorm>();
                if (expansion > 1) layers.Add(Layer($"{name}.0.0", $"{name}.0.1", channels, hidden, 1, 1, Activation.Relu6));
                layers.Add(
                    Layer(
                        $"{name}.{layers.Count}.0", $"{name}.{layers.Count}.1", hidden, hidden, 3, stride, Activation.Relu6,
                        groups: hidden));
                layers.Add(Layer($"{name}.{layers.Count}", $"{name}.{layers.Count + 1}", hidden, outputs, 1, 1, Activation.None));
                blocks.Add(([.. layers], stride == 1 && channels == outputs));
                channels = outputs;
            }
        last = Layer("features.18.0", "features.18.1", channels, 1280, 1, 1, Activation.Relu6);

        ConvNorm Layer(string conv, string bn, int inputs, int outputs, int size, int stride, Activation activation, int groups = 1) =>
            Add(new(weights, style, conv, bn, inputs, outputs, size, stride, activation, groups));
    }

    protected override Tensor Map(Tensor x)
    {
        x = stem.Forward(x);
        foreach (var (layers, shortcut) in blocks)
        {
            using var scope = NewDisposeScope();
            var y = x;
            for (var i = 0; i < layers.Length; i++) y = layers[i].Forward(y, add: shortcut && i == layers.Length - 1 ? x : null);
            x = y.MoveToOuterDisposeScope();
        }
        return last.Forward(x);
    }
}
