using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>A learned token before all others, of any leading channels.</summary>
public sealed class SlicedClassToken : ISliced
{
    private readonly ParameterSlot token;
    private readonly int[] channels;

    internal SlicedClassToken(ParameterStore store, string key, int[] channels)
    {
        this.channels = channels;
        token = store.Declare(key, [1, 1, channels[^1]], Initializer.Normal02);
    }

    /// <summary>[N, T, C] -> [N, 1 + T, C].</summary>
    public Tensor forward(Tensor x, int c) => cat([token.Slice(1, 1, c).to(x.dtype).expand(x.shape[0], -1, -1), x], 1);

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels) token.Prepare(1, 1, c);
    }
}
