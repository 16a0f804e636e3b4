using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// The contrastive loss of MoCo (He et al. 2020, equation 1) with its gradient, in one walk over the negatives. They are many and their
/// logits would be the largest tensors of a step, several times over with autograd; here a chunk of them lives in the cache, and sums of
/// exponentials are kept relative to the largest logit so far.
/// </summary>
public static class InfoNce
{
    /// <summary>The mean loss as a scalar that takes part in autograd, see <see cref="Of"/>.</summary>
    public static Tensor Loss(Tensor queries, Tensor keys, Tensor negatives, double temperature)
    {
        using var scope = NewDisposeScope();
        var (loss, gradient) = Of(queries.detach(), keys, negatives, temperature);
        var linear = (queries * gradient).sum();
        return (loss + (linear - linear.detach())).MoveToOuterDisposeScope();
    }

    /// <summary>Loss and gradient of unit queries against their keys and the negatives; takes no part in autograd.</summary>
    /// <param name="queries">[N, D].</param>
    /// <param name="keys">Each query's own key: [N, D].</param>
    /// <param name="negatives">[D, K].</param>
    /// <param name="temperature">tau: what similarities are divided by.</param>
    /// <returns>The mean loss, a scalar, and its gradient by the queries, [N, D].</returns>
    public static (Tensor Loss, Tensor Gradient) Of(Tensor queries, Tensor keys, Tensor negatives, double temperature)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var scaled = queries.contiguous() / temperature;
        var positive = (scaled * keys).sum(1, keepdim: true);
        // exp(logit - top), summed over the key and the negatives seen so far, and the same weights' sum of their vectors.
        var (top, sum, mix) = (positive.clone(), ones_like(positive), keys.contiguous().clone());
        if (HostNegatives.Takes(queries, negatives)) HostNegatives.Add(scaled, negatives, top, sum, mix);
        else (top, sum, mix) = Walk(scaled, negatives, top, sum, mix);
        var loss = (top + sum.log() - positive).mean();
        var gradient = (mix / sum).sub_(keys).div_(temperature * queries.shape[0]);
        return (loss.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    /// <summary>The sums with all negatives; those that come in are written over.</summary>
    private static (Tensor Top, Tensor Sum, Tensor Mix) Walk(Tensor scaled, Tensor negatives, Tensor top, Tensor sum, Tensor mix)
    {
        var length = ChunkLength(Math.Max(scaled.shape[0], scaled.shape[1]), negatives);
        for (var start = 0L; start < negatives.shape[1]; start += length)
        {
            using var inner = NewDisposeScope();
            var chunk = negatives.narrow(1, start, Math.Min(length, negatives.shape[1] - start));
            var logits = scaled.mm(chunk);
            var higher = top.maximum(logits.amax([1], keepdim: true));
            var weights = logits.sub_(higher).exp_();
            var decay = (top - higher).exp_();
            sum.mul_(decay).add_(weights.sum(1, keepdim: true));
            mix.mul_(decay).addmm_(weights, chunk.t());
            top = higher.MoveToOuterDisposeScope();
        }
        return (top, sum, mix);
    }

    /// <summary>
    /// Four megabytes of logits or negatives, whichever is larger, on the CPU (where queries are too few for <see cref="HostNegatives"/>):
    /// small enough for the last cache, large enough for the matrix product; elsewhere fewer and larger operations.
    /// </summary>
    private static long ChunkLength(long rows, Tensor negatives) =>
        Math.Max(64, (negatives.device_type == DeviceType.CPU ? 1L << 20 : 1L << 26) / rows);
}
