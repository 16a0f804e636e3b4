using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Norms;

/// <summary>
/// How the BatchNorms of a network normalise: with the statistics of the batch, of several processes' batches, of all images of a walk, or
/// of the network's own, which are gathered beforehand. A network has one at a time, and its layers do not ask which.
/// </summary>
internal abstract class Norm
{
    /// <summary>What is added to a variance.</summary>
    public const double Epsilon = Kernels.NormEpsilon.Batch;

    /// <summary>With the statistics of the batch at hand, as in training.</summary>
    public static Norm OfBatch { get; } = new BatchNorm();

    /// <summary>
    /// [N, C, H, W] or [N, C] -> the same: normalised, then the sum with another map where one is given, then the activation.
    /// </summary>
    /// <param name="key">The layer's, by which a network's own statistics are kept.</param>
    /// <param name="x">Nobody else's where no gradient is wanted: it may be overwritten.</param>
    /// <param name="scale">[C].</param>
    /// <param name="shift">[C].</param>
    public virtual Tensor Of(string key, Tensor x, Tensor scale, Tensor shift, Activation activation, Tensor? add)
    {
        var y = Normalise(key, x, scale, shift);
        if (add is not null) y = y.add_(add);
        return activation.Into(y);
    }

    /// <summary>The statistics of the batch, or of those of several processes together; scale and shift may be missing.</summary>
    public static Tensor Normalise(Tensor x, Tensor? scale, Tensor? shift, ProcessGroup? processes) => processes is null
        ? functional.batch_norm(x, null, null, scale, shift, training: true, momentum: 0, eps: Epsilon)
        : SynchronisedNorm.Normalise(x, scale, shift, processes);

    /// <summary>[N, C, H, W] or [N, C] -> the same, normalised.</summary>
    protected abstract Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift);

    /// <summary>Normalisation, sum and activation in one pass over the values.</summary>
    private sealed class BatchNorm : Norm
    {
        public override Tensor Of(string key, Tensor x, Tensor scale, Tensor shift, Activation activation, Tensor? add) =>
            FusedNorm.Of(x, scale, shift, Epsilon, activation, add);

        protected override Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift) =>
            Normalise(x, scale, shift, processes: null);
    }
}
