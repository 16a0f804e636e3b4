using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// Sees whether a run has collapsed: in every objective a network that gives all images the same is of no use, and the loss does not tell.
/// </summary>
public sealed class CollapseWatch(int dimension, Device device) : IDisposable
{
    /// <summary>Images that are looked at.</summary>
    public const int Images = 256;

    private Tensor? information;

    /// <summary>z of the newest images, [256, D], the newest first; zeros where there were not yet so many.</summary>
    public Tensor Recent { get; } = zeros([Images, dimension], ScalarType.Float32, device).DetachFromDisposeScope();

    /// <summary>
    /// How far the newest z of targets spread: the standard deviation of a coordinate over them times sqrt(D). About 1 where they fill the
    /// sphere, 0 where all images have one z; null before there are enough to tell.
    /// </summary>
    public double? Spread
    {
        get
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            if (Recent[Images - 1].count_nonzero().item<long>() == 0) return null;
            return Math.Sqrt(Recent.shape[1]) * Recent.var(0, unbiased: false).mean().sqrt().item<float>();
        }
    }

    /// <summary>
    /// What the newest batch's outputs tell of its images: their mutual information, the entropy of the mean distribution less the mean
    /// entropy, of the most that so many images and outputs allow. 0 where all images have one distribution, be it one output or all alike
    /// (the two collapses of Caron et al. 2021, section 5.3); null where the objective has no outputs.
    /// </summary>
    public double? Information => information?.item<float>();

    /// <summary>Takes note of a step.</summary>
    /// <param name="z">Of a target, [N, D].</param>
    /// <param name="distributions">Over outputs, [N, K]; null where there are none.</param>
    public void Add(Tensor z, Tensor? distributions)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var kept = Math.Max(0, Images - z.shape[0]);
        Recent.copy_(cat([z.narrow(0, 0, Images - kept), Recent.narrow(0, 0, kept)], 0));
        if (distributions is null) return;
        information?.Dispose();
        var most = Math.Log(Math.Min(distributions.shape[0], distributions.shape[1]));
        information = (Entropy(distributions.mean([0L])) - Entropy(distributions).mean()).div(most).DetachFromDisposeScope();
    }

    private static Tensor Entropy(Tensor p) => p.clamp_min(1e-30).log().mul_(p).sum(-1).neg();

    /// <inheritdoc/>
    public void Dispose()
    {
        Recent.Dispose();
        information?.Dispose();
    }
}
