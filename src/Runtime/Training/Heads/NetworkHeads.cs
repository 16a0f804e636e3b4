using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Heads;

/// <summary>The heads of a student or of a teacher.</summary>
public sealed class NetworkHeads
{
    /// <summary>Declares the heads' parameters at the largest embedding.</summary>
    public NetworkHeads(ParameterStore store, Supernet net, int channels, HeadShapes shapes, bool isTeacher)
    {
        Projector = new(store, net, "neck.mlp", channels, shapes.Projector);
        if (shapes.Dense is { } dense) Dense = new(store, net, "neck.dense", channels, dense);
        if (shapes.Prototypes > 0) Prototypes = new(store, shapes.Projector.Output, shapes.Prototypes, shapes.HasGain);
        // Last, so that all before it lies at the same places in both stores.
        if (shapes.Predictor is { } predictor && !isTeacher) Predictor = new(store, net, "predictor", shapes.Projector.Output, predictor);
        if (shapes.Foreign is { } foreign && !isTeacher) Foreign = new(store, net, "foreign", channels, foreign);
    }

    /// <summary>From the embedding to z before it has unit length, [N, C] -> [N, D].</summary>
    public Mlp Projector { get; }

    /// <summary>From z to the teacher's z, [N, D] -> [N, D]; null where there is none, as in every teacher.</summary>
    public Mlp? Predictor { get; }

    /// <summary>From each position of the last map to a z of its own, [N, T, C] -> [N, T, D]; null where there is none.</summary>
    public Mlp? Dense { get; }

    /// <summary>From the embedding to a foreign teacher's; the student's alone.</summary>
    public Mlp? Foreign { get; }

    /// <summary>What z is compared with; null where there is none.</summary>
    public Prototypes? Prototypes { get; }

    /// <summary>Length of z.</summary>
    public int Dimension => Projector.Output;

    /// <summary>Unit vectors z: embeddings [N, C] -> [N, D].</summary>
    public Tensor forward(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        return functional.normalize(Projector.forward(embedding), dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>The same of a network's last output, a map [N, C, H, W] or tokens [N, 1 + T, C].</summary>
    public Tensor OfMap(Tensor map)
    {
        using var scope = NewDisposeScope();
        return forward(Tokens.Pool(map)).MoveToOuterDisposeScope();
    }
}

/// <summary>What an objective hangs on a network.</summary>
/// <param name="Projector">From the embedding to z.</param>
/// <param name="Predictor">From the student's z to the teacher's; the teacher has none.</param>
/// <param name="Dense">From each position of the last map to a z of its own.</param>
/// <param name="Prototypes">How many unit vectors z is compared with; 0 for none.</param>
/// <param name="Foreign">From the student's embedding to a foreign teacher's, where z is something else.</param>
/// <param name="HasGain">Whether each of the prototypes has a length that is learnt beside its direction.</param>
public sealed record HeadShapes(
    MlpShape Projector, MlpShape? Predictor = null, MlpShape? Dense = null, int Prototypes = 0, MlpShape? Foreign = null,
    bool HasGain = false);

/// <summary>Linear layers behind a network. Subnets use the leading input columns of the first; all other sizes are fixed.</summary>
/// <remarks>
/// Computes in 32 bits whatever the convolutions use: it is a small part of the cost, and the loss comes from it. Keys are those of an
/// nn.Sequential.
/// </remarks>
public sealed class Mlp
{
    private readonly Supernet net;
    private readonly List<Layer> layers = [];

    /// <summary>Declares the layers at the most input channels.</summary>
    /// <param name="net">Whose processes BatchNorm takes its statistics over.</param>
    public Mlp(ParameterStore store, Supernet net, string key, int inputs, MlpShape shape)
    {
        (this.net, Shape) = (net, shape);
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

    /// <summary>Its layers' sizes, but for the inputs of the first.</summary>
    public MlpShape Shape { get; }

    /// <summary>Length of the output vectors.</summary>
    public int Output => Shape.Output;

    /// <summary>[N, C] -> [N, output]; without BatchNorm also any […, C] -> […, output].</summary>
    public Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers)
        {
            x = layer.Weight.Multiply(x, layer.Outputs, x.shape[^1], layer.Bias?.Slice(layer.Outputs));
            if (layer.Norm is { } norm) x = norm.forward(x, layer.Outputs);
            if (layer == layers[^1]) break;
            x = Shape.Gelu ? functional.gelu(x) : x.relu_();
        }
        if (Shape.OutputNorm) x = Norm.Normalise(x, null, null, net.Processes);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The first hidden layers, each with its norm and activation, as modules of their own with copies of the weights: [N, inputs] -> [N,
    /// units of the last of them]. Their BatchNorm has no statistics yet. The caller disposes it.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="inputs">Channels of the architecture's embedding.</param>
    public Module<Tensor, Tensor> FirstLayers(int count, int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Shape.Hidden.Length);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var device = layers[0].Weight.Full().device;
        var modules = new List<Module<Tensor, Tensor>>();
        foreach (var layer in layers.Take(count))
        {
            var linear = Linear(inputs, layer.Outputs, device: device);
            linear.weight!.copy_(layer.Weight.SliceOf([layer.Outputs, inputs]));
            linear.bias!.copy_(layer.Bias!.Full());
            modules.Add(linear);
            if (layer.Norm is { } norm)
            {
                var (scale, shift) = norm.Weights(layer.Outputs);
                var own = BatchNorm1d(layer.Outputs, eps: Norm.Epsilon, device: device);
                own.weight!.copy_(scale);
                own.bias!.copy_(shift);
                modules.Add(own);
            }
            modules.Add(Shape.Gelu ? GELU() : ReLU());
            inputs = layer.Outputs;
        }
        var kept = Sequential(modules);
        foreach (var (_, parameter) in kept.named_parameters()) parameter.DetachFromDisposeScope();
        foreach (var (_, buffer) in kept.named_buffers()) buffer.DetachFromDisposeScope();
        return kept;
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

/// <summary>
/// Unit vectors that z is compared with: SwAV's prototypes, and DINO's weight-normed last layer, whose gain is 1 or learnt.
/// </summary>
public sealed class Prototypes(ParameterStore store, int dimension, int count, bool hasGain)
{
    /// <summary>[count, dimension].</summary>
    public ParameterSlot Weight { get; } = store.Declare("prototypes.weight", [count, dimension], Initializer.Normal02);

    /// <summary>The gain of each, [count, 1], which decays as matrices do; null where it is 1.</summary>
    public ParameterSlot? Gain { get; } = hasGain ? store.Declare("prototypes.gain", [count, 1], Initializer.Ones) : null;

    /// <summary>All that it learns.</summary>
    public ParameterSlot[] Slots => Gain is null ? [Weight] : [Weight, Gain];

    private Tensor Values => Weight.Slice(count, dimension);

    /// <summary>
    /// Cosines of unit vectors [N, D] with the directions of the weights, times their gains, [N, count]; the gradient goes through their
    /// normalisation (weight norm).
    /// </summary>
    public Tensor OfDirections(Tensor z)
    {
        using var scope = NewDisposeScope();
        var weights = functional.normalize(Values, dim: 1);
        return functional.linear(z, Gain is null ? weights : weights * Gain.Slice(count, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Products of vectors [N, D] with the weights as they are, [N, count].</summary>
    public Tensor Of(Tensor z) => functional.linear(z, Values);

    /// <summary>Scales the weights to unit length (SwAV, before each step).</summary>
    public void Normalize()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Weight.Full().copy_(functional.normalize(Weight.Full(), dim: 1));
    }
}
