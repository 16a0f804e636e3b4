using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>Cuts a map into square patches and projects each to any leading channels, with bias.</summary>
public sealed class SlicedPatches : ISliced
{
    private readonly ParameterSlot weight;
    private readonly ParameterSlot bias;
    private readonly int[] ins;
    private readonly int[] outs;
    private readonly long[] stride;

    internal SlicedPatches(ParameterStore store, string key, int[] ins, int[] outs, int side)
    {
        (this.ins, this.outs, stride) = (ins, outs, [side, side]);
        weight = store.Declare($"{key}.weight", [outs[^1], ins[^1], side, side], Initializer.KaimingFanIn, lowPrecision: true);
        bias = store.Declare($"{key}.bias", [outs[^1]], Initializer.Zeros, lowPrecision: true);
    }

    /// <summary>[N, in, H, W] -> tokens [N, T, out], row by row.</summary>
    public Tensor forward(Tensor x, int @in, int @out)
    {
        using var scope = NewDisposeScope();
        return weight.Convolve(x, (@out, @in, 0), bias.Slice(@out), stride, [0, 0]).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
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
