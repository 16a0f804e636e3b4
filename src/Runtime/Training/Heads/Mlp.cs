using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Heads;

/// <summary>Linear layers behind a network. Subnets use the leading input columns of the first; all other sizes are fixed.</summary>
/// <remarks>Computes in 32 bits whatever the convolutions use: it is a small part of the cost, and the loss comes from it. Keys are those of an nn.Sequential.</remarks>
public sealed class Mlp
{
    private readonly Supernet net;
    private readonly MlpShape shape;
    private readonly List<Layer> layers = [];

    /// <summary>Declares the layers at the most input channels.</summary>
    /// <param name="net">Whose processes BatchNorm takes its statistics over.</param>
    public Mlp(ParameterStore store, Supernet net, string key, int inputs, MlpShape shape)
    {
        (this.net, this.shape) = (net, shape);
        var place = 0;
        foreach (var outputs in shape.Widths)
        {
            var isLast = layers.Count == shape.Hidden.Length;
            var weight = store.Declare($"{key}.{place}.weight", [outputs, inputs], Initializer.KaimingFanIn);
            var bias = isLast && shape.OutputNorm ? null : store.Declare($"{key}.{place}.bias", [outputs], Initializer.Zeros);
            var norm = !isLast && shape.HiddenNorm ? new SlicedBatchNorm2d(net, store, $"{key}.{++place}", [outputs]) : null;
            layers.Add(new(weight, bias, norm, outputs));
            (inputs, place) = (outputs, place + 2);
        }
    }

    /// <summary>Length of the output vectors.</summary>
    public int Output => shape.Output;

    /// <summary>[N, C] -> [N, output]; without BatchNorm also any […, C] -> […, output].</summary>
    public Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers)
        {
            x = functional.linear(x, layer.Weight.Slice(layer.Outputs, x.shape[^1]), layer.Bias?.Slice(layer.Outputs));
            if (layer.Norm is { } norm) x = norm.forward(x, layer.Outputs);
            if (layer == layers[^1]) break;
            x = shape.Gelu ? functional.gelu(x) : x.relu_();
        }
        if (shape.OutputNorm) x = SlicedBatchNorm2d.OfBatch(x, null, null, net.Processes);
        return x.MoveToOuterDisposeScope();
    }

    private sealed record Layer(ParameterSlot Weight, ParameterSlot? Bias, SlicedBatchNorm2d? Norm, int Outputs);
}

/// <summary>The shape of a head of linear layers.</summary>
/// <param name="Hidden">Units of each layer before the last.</param>
/// <param name="Output">Units of the last.</param>
/// <param name="HiddenNorm">Whether BatchNorm follows each layer before the last.</param>
/// <param name="Gelu">GELU between the layers; ReLU otherwise.</param>
/// <param name="OutputNorm">Whether the last layer has a BatchNorm without scale and shift in the place of a bias.</param>
public sealed record MlpShape(int[] Hidden, int Output, bool HiddenNorm = false, bool Gelu = false, bool OutputNorm = false)
{
    /// <summary>Channels of each layer's output.</summary>
    public IEnumerable<int> Widths => Hidden.Append(Output);
}
