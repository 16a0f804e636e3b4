using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>What a network gives may be a map [N, C, H, W] or the tokens of a square one after a class token [N, 1 + H * W, C].</summary>
public static class Tokens
{
    /// <summary>The map of either: [N, C, H, W].</summary>
    public static Tensor Map(Tensor output)
    {
        if (output.dim() == 4) return output;
        var side = (long)Math.Sqrt(output.shape[1] - 1);
        return output.narrow(1, 1, side * side).transpose(1, 2).unflatten(2, side, side);
    }

    /// <summary>The embedding of either in 32 bits: a map's mean over its positions, or the class token. -> [N, C].</summary>
    public static Tensor Pool(Tensor output)
    {
        var values = output.to(ScalarType.Float32);
        if (output.dim() != 4) return values.select(1, 0).contiguous();
        // As a mean over rows of channels its gradient lies as the map does; that of a mean over H and W would not, and every step back to
        // it would have to turn it round.
        return is_grad_enabled() ? values.permute(0, 2, 3, 1).flatten(1, 2).mean([1L]) : values.mean([2L, 3L]);
    }

    /// <summary>
    /// Positions for a square image of another size: bicubic over the map; the class token keeps its own. [1, 1 + S, C] -> [1, tokens, C].
    /// </summary>
    public static Tensor ResizePositions(Tensor positions, long tokens)
    {
        if (positions.shape[1] == tokens) return positions;
        using var scope = NewDisposeScope();
        var side = (long)Math.Sqrt(tokens - 1);
        var grid = nn.functional.interpolate(
            Map(positions).contiguous(), size: [side, side], mode: InterpolationMode.Bicubic, align_corners: false);
        return cat([positions.narrow(1, 0, 1), grid.flatten(2).transpose(1, 2)], 1).MoveToOuterDisposeScope();
    }
}
