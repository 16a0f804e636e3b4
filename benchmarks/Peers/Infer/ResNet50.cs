using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Infer;

/// <summary>torchvision's resnet50.</summary>
internal sealed class ResNet50 : Network
{
    private readonly ConvNorm stem;
    private readonly List<(ConvNorm First, ConvNorm Second, ConvNorm Third, ConvNorm? Shortcut)> blocks = [];

    public ResNet50(Func<string, long[], Tensor> weights, NetworkStyle style)
    {
        stem = Layer("conv1", "bn1", 3, 64, 7, 2, Activation.Relu);
        var channels = 64;
        foreach (var (depth, stage) in new[] { 3, 4, 6, 3 }.Select((depth, stage) => (depth, stage)))
        {
            var width = 64 << stage;
            for (var i = 0; i < depth; i++)
            {
                var (name, stride) = ($"layer{stage + 1}.{i}", i == 0 && stage > 0 ? 2 : 1);
                blocks.Add((
                    Layer($"{name}.conv1", $"{name}.bn1", channels, width, 1, 1, Activation.Relu),
                    Layer($"{name}.conv2", $"{name}.bn2", width, width, 3, stride, Activation.Relu),
                    Layer($"{name}.conv3", $"{name}.bn3", width, 4 * width, 1, 1, Activation.Relu),
                    i == 0
                        ? Layer($"{name}.downsample.0", $"{name}.downsample.1", channels, 4 * width, 1, stride, Activation.None)
                        : null));
                channels = 4 * width;
            }
        }

        ConvNorm Layer(string conv, string bn, int inputs, int outputs, int size, int stride, Activation activation) =>
            Add(new(weights, style, conv, bn, inputs, outputs, size, stride, activation));
    }

    protected override Tensor Map(Tensor x)
    {
        x = functional.max_pool2d(stem.Forward(x), 3, 2, 1);
        foreach (var (first, second, third, shortcut) in blocks)
        {
            using var scope = NewDisposeScope();
            x = third.Forward(second.Forward(first.Forward(x)), add: shortcut is null ? x : shortcut.Forward(x)).MoveToOuterDisposeScope();
        }
        return x;
    }
}
