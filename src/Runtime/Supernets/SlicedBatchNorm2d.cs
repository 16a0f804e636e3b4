using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Supernets;

/// <summary>BatchNorm over any leading channels: scale[:c], shift[:c].</summary>
/// <remarks>
/// It keeps no running statistics: those of a supernet would mix all architectures. Training and scoring use the batch's; a network that is
/// to be used by itself has its own, gathered by <see cref="NormStatistics"/> (US-Nets, Yu and Huang 2019).
/// </remarks>
public sealed class SlicedBatchNorm2d : ISliced
{
    /// <summary>What is added to a variance.</summary>
    public const double Epsilon = Kernels.NormEpsilon.Batch;

    private readonly Supernet net;
    private readonly string key;
    private readonly int[] channels;
    private readonly ParameterSlot scale;
    private readonly ParameterSlot shift;

    internal SlicedBatchNorm2d(Supernet net, ParameterStore store, string key, int[] channels)
    {
        (this.net, this.key, this.channels) = (net, key, channels);
        scale = store.Declare($"{key}.weight", [channels[^1]], Initializer.Ones);
        shift = store.Declare($"{key}.bias", [channels[^1]], Initializer.Zeros);
    }

    /// <summary>
    /// [N, C, H, W] -> the same: normalised as <see cref="Supernet.Statistics"/> says, then the sum with another map where one is given,
    /// then the activation.
    /// </summary>
    public Tensor forward(Tensor x, int c, Activation activation = Activation.None, Tensor? add = null)
    {
        if (net.Statistics is null && net.Processes is null)
        {
            // A walk over the space, which holds many maps, has the result in the place of the convolution's that nobody else reads.
            var inPlace = net.ImagesAtOnce is not null && !is_grad_enabled();
            if (inPlace && FusedNorm.Takes(x)) return FusedNorm.InPlace(x, scale.Slice(c), shift.Slice(c), Epsilon, activation, add);
            if (!inPlace) return FusedNorm.Of(x, scale.Slice(c), shift.Slice(c), Epsilon, activation, add);
        }
        var y = Normalise(x, c);
        if (add is not null) y = y.add_(add);
        return activation.Into(y);
    }

    private Tensor Normalise(Tensor x, int c)
    {
        var (weight, bias) = (scale.Slice(c), shift.Slice(c));
        if (net.Statistics is null && net.ImagesAtOnce is { } atOnce && x.dim() == 4 && !is_grad_enabled() && x.dtype == ScalarType.Float32)
            return NormInPlace.Of(x, weight, bias, atOnce);
        if (net.Statistics is not { } statistics) return OfBatch(x, weight, bias, net.Processes);
        if (statistics.Gathering)
        {
            statistics.Add(key, x);
            return OfBatch(x, weight, bias, processes: null);
        }
        var (mean, variance) = statistics.Of(key);
        return functional.batch_norm(x, mean, variance, weight, bias, training: false, momentum: 0, eps: Epsilon);
    }

    /// <summary>
    /// The same with the statistics of the batch, or of those of several processes together; scale and shift may be missing.
    /// </summary>
    internal static Tensor OfBatch(Tensor x, Tensor? scale, Tensor? shift, ProcessGroup? processes) => processes is null
        ? functional.batch_norm(x, null, null, scale, shift, training: true, momentum: 0, eps: Epsilon)
        : SynchronisedNorm.Of(x, scale, shift, processes);

    void ISliced.PrecomputeSlices()
    {
        foreach (var c in channels)
        {
            scale.Slice(c);
            shift.Slice(c);
        }
    }
}
