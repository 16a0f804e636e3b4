using DataSsl.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>LayerNorm over any leading channels: scale[:c], shift[:c].</summary>
public sealed class SlicedLayerNorm : ISliced
{
    /// <summary>What is added to a variance.</summary>
    public const double Epsilon = NormEpsilon.Layer;

    private readonly int[] channels;
    private readonly ParameterSlot scale;
    private readonly ParameterSlot shift;

    // In the compute type, as the input must be of the parameters' type; its sums are 32-bit all the same.
    internal SlicedLayerNorm(ParameterStore store, string key, int[] channels)
    {
        this.channels = channels;
        scale = store.Declare($"{key}.weight", [channels[^1]], Initializer.Ones, lowPrecision: true);
        shift = store.Declare($"{key}.bias", [channels[^1]], Initializer.Zeros, lowPrecision: true);
    }

    /// <summary>[N, T, C] -> the same.</summary>
    public Tensor forward(Tensor x, int c) => functional.layer_norm(x, [c], scale.Slice(c), shift.Slice(c), Epsilon);

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels)
        {
            scale.Slice(c);
            shift.Slice(c);
        }
    }
}
