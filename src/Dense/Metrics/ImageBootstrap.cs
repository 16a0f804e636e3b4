using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Dense.Metrics;

/// <summary>
/// How far scores would move on other images of the kind: images are drawn anew with replacement, and the scores of each draw reckoned in
/// full, since AP and mIoU are no means over images (the percentile bootstrap of Efron and Tibshirani 1993). The same seed gives the same
/// draws, whoever is scored.
/// </summary>
public static class ImageBootstrap
{
    /// <summary>Draws of the images.</summary>
    public const int Draws = 1000;

    private const double Confidence = 0.95;

    /// <summary>In each draw AP, AP50, AP75 and then AP of each class.</summary>
    public static double[][] Draw(CocoEvaluation evaluation, long seed, int workers = 1) =>
        Draw(evaluation.Drawn, evaluation.Images, seed, workers);

    /// <summary>In each draw the mean AP50 and then each class's.</summary>
    public static double[][] Draw(VocAveragePrecision evaluation, long seed, int workers = 1) =>
        Draw(evaluation.Drawn, evaluation.Images, seed, workers);

    /// <summary>In each draw mIoU and then each class's IoU.</summary>
    public static double[][] Draw(ConfusionMatrix evaluation, long seed, int workers = 1) =>
        Draw(evaluation.Drawn, evaluation.Images, seed, workers);

    /// <summary>The 95 % interval of each score that was drawn.</summary>
    public static (double Low, double High)[] Intervals(double[][] draws) =>
    [
        .. Enumerable.Range(0, draws[0].Length)
            .Select(score => Interval([.. draws.Select(draw => draw[score]).Where(value => !double.IsNaN(value)).Order()])),
    ];

    private static double[][] Draw(Func<int[], double[]> scores, int images, long seed, int workers)
    {
        if (images < 2) throw new ArgumentException("one image says nothing of others");
        var draws = new double[Draws][];
        Workers.For(Draws, workers, draw =>
        {
            var random = CounterRandom.For((ulong)seed, "bootstrap", images, draw);
            var times = new int[images];
            for (var i = 0; i < images; i++) times[(int)random.Below(images)]++;
            draws[draw] = scores(times);
        });
        return draws;
    }

    /// <summary>Draws without an object of a class say nothing of it, and an interval of none is not a number.</summary>
    private static (double Low, double High) Interval(double[] sorted) =>
        sorted.Length == 0
            ? (double.NaN, double.NaN)
            : (Quantile.Of(sorted, (1 - Confidence) / 2), Quantile.Of(sorted, (1 + Confidence) / 2));
}
