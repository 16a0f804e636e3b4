namespace DataSsl.Runtime.Evaluation;

/// <summary>The area under the receiver operating characteristic, with its 95 % confidence interval.</summary>
/// <param name="Value">
/// The share of pairs of a positive and a negative in which the positive scores higher, an equal score counted as half: 1 where all do, 0.5
/// where scores tell nothing (Mann and Whitney's U over the number of pairs).
/// </param>
/// <param name="Variance">Of that, over other images of both kinds (DeLong, DeLong and Clarke-Pearson 1988).</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <remarks>
/// The interval is normal in the logit of the value, so that it stays within [0, 1] and holds near 1 too (Pepe 2003). Where
/// scores say nothing of the variance, as where all pairs are in order, it is Wilson's of as many pairs as share no image: it is then wide,
/// and right.
/// </remarks>
public readonly record struct Auroc(double Value, double Variance, double Low, double High)
{
    /// <summary>Of scores.</summary>
    /// <param name="negatives">Scores of what should score low; at least one.</param>
    /// <param name="positives">Scores of what should score high; at least one.</param>
    public static Auroc Of(IReadOnlyList<double> negatives, IReadOnlyList<double> positives)
    {
        var (sortedNegatives, sortedPositives) = (negatives.Order().ToArray(), positives.Order().ToArray());
        var below = sortedPositives.Select(score => Share(sortedNegatives, score)).ToArray();
        var above = sortedNegatives.Select(score => 1 - Share(sortedPositives, score)).ToArray();
        var value = below.Sum() / below.Length;
        var variance = Spread(below) / below.Length + Spread(above) / above.Length;
        var (low, high) = variance > 0 && value is > 0 and < 1
            ? Interval(value, Math.Sqrt(variance))
            : Proportion.Wilson(value, Math.Min(below.Length, above.Length));
        return new(value, variance, low, high);
    }

    /// <summary>The share of sorted scores below another, of those that equal it half: a structural component.</summary>
    private static double Share(double[] sorted, double score) =>
        (Quantile.Below(sorted, score) + Quantile.Below(sorted, score, orEqual: true)) / (2.0 * sorted.Length);

    /// <summary>The variance of what some are a draw of; nothing is known of it by one.</summary>
    private static double Spread(double[] components)
    {
        if (components.Length == 1) return double.NaN;
        var mean = components.Average();
        return components.Sum(one => (one - mean) * (one - mean)) / (components.Length - 1);
    }

    private static (double Low, double High) Interval(double value, double deviation)
    {
        var (middle, half) = (Math.Log(value / (1 - value)), Proportion.Z * deviation / (value * (1 - value)));
        return (Logistic(middle - half), Logistic(middle + half));

        static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
    }
}
