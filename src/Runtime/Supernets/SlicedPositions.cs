using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>A learned embedding of each position, of any leading channels, added to the tokens.</summary>
public sealed class SlicedPositions : ISliced
{
    private readonly ParameterSlot positions;
    private readonly int[] channels;
    private readonly int tokens;

    internal SlicedPositions(ParameterStore store, string key, int[] channels, int tokens)
    {
        (this.channels, this.tokens) = (channels, tokens);
        positions = store.Declare(key, [1, tokens, channels[^1]], Initializer.Normal02);
    }

    /// <summary>[N, 1 + T, C] -> the same, in place.</summary>
    public Tensor forward(Tensor x, int c) => x.add_(Tokens.ResizePositions(positions.Slice(1, tokens, c), x.shape[1]));

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels) positions.Prepare(1, tokens, c);
    }
}
