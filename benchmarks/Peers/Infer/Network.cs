using static TorchSharp.torch;

namespace DataSsl.Peers.Infer;

/// <summary>A network of torchvision up to its embedding.</summary>
internal abstract class Network
{
    private readonly List<ConvNorm> layers = [];

    /// <summary>By its constructor's name in torchvision.</summary>
    public static Network Create(string name, Func<string, long[], Tensor> weights, NetworkStyle style)
    {
        using var grad = no_grad();
        return name switch
        {
            "resnet50" => new ResNet50(weights, style),
            "mobilenet_v2" => new MobileNetV2(weights, style),
            _ => throw new ArgumentException($"{name}: no peer", nameof(name)),
        };
    }

    protected ConvNorm Add(ConvNorm layer)
    {
        layers.Add(layer);
        return layer;
    }

    /// <summary>Lays all kernels for maps of an order.</summary>
    public void Lay(bool channelsLast)
    {
        foreach (var layer in layers) layer.Lay(channelsLast);
    }

    /// <summary>Images [N, 3, S, S] -> embeddings [N, C].</summary>
    public Tensor Embed(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Map(images).mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>The last map.</summary>
    protected abstract Tensor Map(Tensor x);
}
