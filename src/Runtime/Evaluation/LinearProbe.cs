using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// Multinomial logistic regression on features that were computed once: minimises the mean cross-entropy + l2 / 2 * |W|² over weights W and
/// a free bias, with every feature brought to mean 0 and deviation 1 over the training images. The problem is convex, so the answer depends
/// on nothing but features and l2.
/// </summary>
public sealed class LinearProbe : IDisposable
{
    /// <summary>What <see cref="Choose"/> tries, strong to weak: each fit starts from the one before.</summary>
    public static readonly IReadOnlyList<double> Sweep = [.. Enumerable.Range(0, 12).Select(i => Math.Pow(10, 0.5 - i / 2.0))];

    /// <summary>The share of every class that <see cref="Choose"/> sets aside.</summary>
    public const double HeldOutShare = 0.2;

    private readonly Tensor mean;
    private readonly Tensor deviation;
    private Tensor weights;

    private LinearProbe(Tensor features, int classes)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        mean = features.mean([0L]).DetachFromDisposeScope();
        var spread = features.sub(mean).square().mean([0L]).sqrt();
        // What does not vary but for rounding says nothing, and must not run away on other images: divided by infinity it is 0 on all.
        deviation = spread.masked_fill(spread.le(mean.abs().mul(1e-5)), double.PositiveInfinity).DetachFromDisposeScope();
        weights = zeros([features.shape[1] + 1, classes], ScalarType.Float64, features.device).DetachFromDisposeScope();
    }

    /// <summary>Weight of the penalty.</summary>
    public double L2 { get; private set; }

    /// <summary>Weights, and the bias in the last row, for features of mean 0 and deviation 1: [C + 1, classes] in 64 bits.</summary>
    public Tensor Weights => weights;

    /// <summary>Fits to features [N, C] and their N labels.</summary>
    public static LinearProbe Fit(Tensor features, int[] labels, int classes, double l2)
    {
        var probe = new LinearProbe(features, classes);
        probe.Improve(features, labels, l2);
        return probe;
    }

    /// <summary>
    /// Fits to all images with the l2 of <see cref="Sweep"/> that has the lowest cross-entropy on a held-out part of every class: on the
    /// few images that a small share holds out, accuracies are too coarse to choose by.
    /// </summary>
    /// <returns>The probe, and the cross-entropy and accuracy on the held-out part for each l2; null where no class has two images, and
    /// there is nothing to choose by.</returns>
    public static (LinearProbe Probe,
        IReadOnlyList<(double L2, double Loss, double Accuracy)> HeldOut)? Choose(Tensor features, int[] labels, int classes, long seed)
    {
        using var scope = NewDisposeScope();
        if (Split(features, labels, seed, "linear probe") is not var (keptFeatures, keptLabels, heldOutFeatures, heldOutLabels))
            return null;
        var tried = new List<(double L2, double Loss, double Accuracy)>();
        using var right = tensor(Array.ConvertAll(heldOutLabels, label => (long)label), device: features.device);
        using (var trial = new LinearProbe(keptFeatures, classes))
        {
            foreach (var l2 in Sweep)
            {
                trial.Improve(keptFeatures, keptLabels, l2);
                using var scores = trial.Scores(heldOutFeatures);
                using var loss = nn.functional.cross_entropy(scores, right);
                tried.Add((l2, loss.item<float>(), TopAccuracy.Of(scores, heldOutLabels).Top1.Value));
            }
        }
        return (Fit(features, labels, classes, tried.MinBy(t => t.Loss).L2), tried);
    }

    /// <summary>Log-probabilities but for a constant: features [N, C] -> [N, classes].</summary>
    public Tensor Scores(Tensor features)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return Standardised(features).mm(weights.to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <summary>Sets <see cref="HeldOutShare"/> of every class aside; null where no class has two images.</summary>
    public static (Tensor Kept, int[] KeptLabels, Tensor HeldOut,
        int[] HeldOutLabels)? Split(Tensor features, int[] labels, long seed, string purpose)
    {
        var (kept, heldOut) = LabelShare.HoldOut(labels, HeldOutShare, seed, purpose);
        return heldOut.Length == 0 ? null : (Rows(kept), Labels(kept), Rows(heldOut), Labels(heldOut));

        Tensor Rows(int[] indices)
        {
            using var chosen = tensor(Array.ConvertAll(indices, i => (long)i), device: features.device);
            return features.index_select(0, chosen);
        }

        int[] Labels(int[] indices) => Array.ConvertAll(indices, i => labels[i]);
    }

    /// <summary>With a last column of ones for the bias: [N, C] -> [N, C + 1].</summary>
    private Tensor Standardised(Tensor features)
    {
        using var scope = NewDisposeScope();
        return cat([features.sub(mean).div_(deviation), ones([features.shape[0], 1], ScalarType.Float32, features.device)], dim: 1)
            .MoveToOuterDisposeScope();
    }

    private void Improve(Tensor features, int[] labels, double l2)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var x = Standardised(features);
        var right = tensor(Array.ConvertAll(labels, label => (long)label), device: features.device).unsqueeze(1);
        var found = new Lbfgs(Objective).Minimize(weights).DetachFromDisposeScope();
        weights.Dispose();
        (weights, L2) = (found, l2);

        // Products in the features' 32 bits, what is summed in 64.
        (double, Tensor) Objective(Tensor w)
        {
            using var inner = NewDisposeScope();
            var logs = x.mm(w.to(ScalarType.Float32)).to(ScalarType.Float64).log_softmax(1);
            var penalised = w.clone();
            penalised[-1].zero_();
            var value = -logs.gather(1, right).mean().item<double>() + l2 / 2 * penalised.square().sum().item<double>();
            var excess = logs.exp();
            excess.scatter_add_(1, right, full([labels.Length, 1], -1.0, ScalarType.Float64, w.device));
            var gradient = x.t().mm(excess.div_(labels.Length).to(ScalarType.Float32)).to(ScalarType.Float64);
            return (value, gradient.add_(penalised, alpha: l2).MoveToOuterDisposeScope());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mean.Dispose();
        deviation.Dispose();
        weights.Dispose();
    }
}
