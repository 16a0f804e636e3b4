namespace DataSsl.Runtime.Evaluation;

/// <summary>The area under the receiver operating characteristic.</summary>
public static class Auroc
{
    /// <summary>
    /// The chance that one of the positives, drawn at random, scores above one of the negatives, an equal score counted as half: 1 where
    /// all do, 0.5 where scores tell nothing (Mann and Whitney's U over the number of pairs).
    /// </summary>
    /// <param name="negatives">Scores of what should score low; at least one.</param>
    /// <param name="positives">Scores of what should score high; at least one.</param>
    public static double Of(IReadOnlyList<double> negatives, IReadOnlyList<double> positives)
    {
        var sorted = negatives.Order().ToArray();
        var won = 0.0;
        foreach (var score in positives) won += (Quantile.Below(sorted, score) + Quantile.Below(sorted, score, orEqual: true)) / 2.0;
        return won / ((double)negatives.Count * positives.Count);
    }
}
