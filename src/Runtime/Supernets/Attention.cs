using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>Attention of every token to every token.</summary>
public static class Attention
{
    /// <summary>
    /// q, k and v side by side [N, T, 3 * C] -> [N, T, C]; as many heads of <paramref name="headSize"/> channels as C holds.
    /// </summary>
    public static Tensor forward(Tensor x, int headSize)
    {
        using var scope = NewDisposeScope();
        var qkv = x.unflatten(2, 3, -1, headSize).permute(2, 0, 3, 1, 4).unbind(0);
        return functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2]).transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
    }
}
