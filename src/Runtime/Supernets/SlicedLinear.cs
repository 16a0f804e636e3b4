using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// A matrix with bias of which any leading outputs and inputs can run. Several parts lie behind one another, as q, k and v do, and each is
/// sliced by itself: the rows of a slice are then [q[:out]; k[:out]; v[:out]], and at the largest width the layout is that of one plain
/// matrix.
/// </summary>
public sealed class SlicedLinear : ISliced
{
    private readonly Supernet net;
    private readonly ParameterSlot weight;
    private readonly ParameterSlot bias;
    private readonly int[] ins;
    private readonly int[] outs;

    internal SlicedLinear(Supernet net, ParameterStore store, string key, int[] ins, int[] outs, int parts)
    {
        (this.net, this.ins, this.outs) = (net, ins, outs);
        weight = store.Declare($"{key}.weight", [parts * outs[^1], ins[^1]], Initializer.Normal02, lowPrecision: true, parts);
        bias = store.Declare($"{key}.bias", [parts * outs[^1]], Initializer.Zeros, lowPrecision: true, parts);
    }

    /// <summary>[N, T, in] -> [N, T, parts * out].</summary>
    public Tensor forward(Tensor x, int @in, int @out)
    {
        using var scope = NewDisposeScope();
        var (w, b) = (weight.Slice(@out, @in), bias.Slice(@out));
        if (net.Relaxation is { } relaxation) w = relaxation.OfInputs(weight, w);
        var y = weight.Parts == 1 ? functional.linear(x, w, b) : functional.linear(x, w.flatten(0, 1), b.flatten());
        return y.MoveToOuterDisposeScope();
    }

    void ISliced.PrecomputeSlices()
    {
        foreach (var @out in outs)
        {
            bias.Prepare(@out);
            foreach (var @in in ins) weight.Prepare(@out, @in);
        }
    }
}
