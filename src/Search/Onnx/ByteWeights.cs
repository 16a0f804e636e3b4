using DataSsl.Kernels;
using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>Weights in bytes, of a scale an output.</summary>
internal static class ByteWeights
{
    private const float Most = SevenBits.Most;

    /// <summary>One an output: [O], in 64 bits.</summary>
    /// <param name="axis">Of the outputs.</param>
    public static Tensor Scales(Tensor weight, long axis)
    {
        var largest = weight.abs().amax([.. Enumerable.Range(0, (int)weight.dim()).Select(d => (long)d).Where(d => d != axis)]);
        return where(largest == 0, ones_like(largest), largest / Most).to(ScalarType.Float64);
    }

    /// <summary>
    /// Whole numbers, in 8 bits, whose sum is that of an output's weights: all are rounded down, and up again as many as it takes, of which
    /// the largest part was lost. An output then keeps its mean over values that are alike, which rounding each to the nearest shifts.
    /// </summary>
    public static Tensor Whole(Tensor weight, Tensor scales, int axis)
    {
        var rows = weight.transpose(0, axis).contiguous();
        var exact = (rows / scales.reshape([-1, .. Enumerable.Repeat(1L, (int)rows.dim() - 1)])).reshape(rows.shape[0], -1);
        var (down, lost) = (exact.floor(), exact - exact.floor());
        // The place of each in its row, the largest loss first.
        var order = lost.argsort(1, descending: true).argsort(1);
        var up = order < lost.sum(1, keepdim: true).round();
        return (down + up).clamp(-Most, Most).reshape(rows.shape).transpose(0, axis).to(ScalarType.Int8).contiguous();
    }
}
