using static TorchSharp.torch;
using static TorchSharp.torch.nn;

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
    public Tensor forward(Tensor x, int c) => x.add_(Resize(positions.Slice(1, tokens, c), x.shape[1]));

    /// <summary>Positions for a square image of another size: bicubic over the map; the class token keeps its own.</summary>
    private static Tensor Resize(Tensor positions, long tokens)
    {
        if (positions.shape[1] == tokens) return positions;
        using var scope = NewDisposeScope();
        var side = (long)Math.Sqrt(tokens - 1);
        var grid = functional.interpolate(Tokens.Map(positions).contiguous(), size: [side, side], mode: InterpolationMode.Bicubic, align_corners: false);
        return cat([positions.narrow(1, 0, 1), grid.flatten(2).transpose(1, 2)], 1).MoveToOuterDisposeScope();
    }

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels) positions.Slice(1, tokens, c);
    }
}
