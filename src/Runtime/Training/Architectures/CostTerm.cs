using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>
/// What probabilities pay for a mean cost outside the budget: the logarithm of how many times it is over its end or under its start, for
/// each limit, times a weight. Within the budget it is 0, so that the loss alone decides there.
/// </summary>
/// <remarks>
/// ProxylessNAS multiplies the loss by a power of log cost / log target, which has no rest at the target and hardly a slope: of twice the
/// MACs it makes 1 % of the loss. This has both, and an architecture at the border is what it leads to.
/// </remarks>
public sealed class CostTerm
{
    private readonly double weight;
    private readonly List<(BudgetLimit Limit, ExpectedCost Cost)> limits;
    private readonly ExpectedCost macs;

    /// <summary>Takes the limits of a budget at a size of images in pixels.</summary>
    /// <exception cref="UserException">The space's costs are no sums over its segments.</exception>
    public CostTerm(SearchSpace space, LearningOptions options, int size)
    {
        weight = options.CostWeight;
        macs = Of(Measure.Macs);
        limits = [.. options.Limits.Select(limit => (limit, limit.Measure == Measure.Macs ? macs : Of(limit.Measure)))];

        ExpectedCost Of(Measure measure) => new(space, architecture => LearningOptions.Cost(measure, architecture, size));
    }

    /// <summary>The mean multiply-accumulates of one image.</summary>
    public double Macs(IReadOnlyList<double[]> probabilities) => macs.Value(probabilities);

    /// <summary>Whether a mean lies over the end of its limit: what drives choices to the smallest is then the budget.</summary>
    public bool IsOver(IReadOnlyList<double[]> probabilities) => limits.Exists(l => l.Cost.Value(probabilities) >= l.Limit.To);

    /// <summary>Whether a mean lies within a tenth of the end of its limit, or over it.</summary>
    public bool IsNear(IReadOnlyList<double[]> probabilities) => limits.Exists(l => l.Cost.Value(probabilities) >= 0.9 * l.Limit.To);

    /// <summary>The term.</summary>
    public double Value(IReadOnlyList<double[]> probabilities) => weight * limits.Sum(l => Excess(l.Limit, l.Cost.Value(probabilities)));

    /// <summary>Its derivative by each probability.</summary>
    public double[][] Gradient(IReadOnlyList<double[]> probabilities)
    {
        double[][] gradient = [.. probabilities.Select(p => new double[p.Length])];
        foreach (var (limit, cost) in limits)
        {
            var mean = cost.Value(probabilities);
            var slope = mean > limit.To - 1 ? weight / mean : mean < limit.From ? -weight / mean : 0;
            if (slope == 0) continue;
            foreach (var (own, of) in gradient.Zip(cost.Gradient(probabilities)))
                for (var i = 0; i < own.Length; i++) own[i] += slope * of[i];
        }
        return gradient;
    }

    private static double Excess(BudgetLimit limit, double mean) =>
        mean > limit.To - 1 ? Math.Log(mean / (limit.To - 1)) : mean < limit.From ? Math.Log(limit.From / mean) : 0;
}
