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

    /// <summary>The nearest whole numbers, in 8 bits.</summary>
    public static Tensor Whole(Tensor weight, Tensor scales, int axis)
    {
        var sides = weight.shape.Select((_, d) => d == axis ? -1L : 1).ToArray();
        return (weight / scales.reshape(sides)).round().clamp(-Most, Most).to(ScalarType.Int8).contiguous();
    }
}
