using DataSsl.Dense.Data;

namespace DataSsl.Dense.Metrics;

/// <summary>
/// Average precision of a class as Pascal VOC reckons it (Everingham et al. 2010): a detection is right where it overlaps an object by
/// half, and the object was not found by a surer one.
/// </summary>
public sealed class VocAveragePrecision
{
    private const double Overlap = 0.5;

    private readonly (double Score, int Image, int Outcome)[][] rankings;
    private readonly int[][] truths;

    /// <summary>Holds what was found against what there is.</summary>
    /// <param name="images">In their order: of detections with one score the earlier image's comes first.</param>
    /// <param name="classes">How many classes there are.</param>
    public VocAveragePrecision(IReadOnlyList<ImageTruth> images, int classes)
    {
        Images = images.Count;
        rankings =
        [
            .. Enumerable.Range(0, classes)
                .Select(
                    number =>
                        images.Index()
                            .SelectMany(image => Outcomes(image.Item, number).Select(item => (item.Score, image.Index, item.Outcome)))
                            .OrderByDescending(item => item.Score).ToArray()),
        ];
        truths =
        [
            .. Enumerable.Range(0, classes)
                .Select(number => images.Select(image => image.Truth.Count(item => item.Class == number && !IsLeftOut(item))).ToArray()),
        ];
    }

    /// <summary>How many images there are.</summary>
    public int Images { get; }

    /// <summary>AP50 of each class by all points of the curve, as since 2010; not a number where there is no object of it.</summary>
    public double[] ByClass() => ByClass(Once());

    /// <summary>
    /// AP50 of each class by the curve's best at eleven recalls, as until 2009; not a number where there is no object of it.
    /// </summary>
    public double[] ByClassAtElevenPoints() => [.. Enumerable.Range(0, rankings.Length).Select(number =>
    {
        var curve = Curve(number, Once()).ToArray();
        return curve.Length == 0 && truths[number].Sum() == 0 ? double.NaN
            : Enumerable.Range(0, 11)
                .Average(point => curve.Where(at => at.Recall >= point / 10.0).Select(at => at.Precision).DefaultIfEmpty(0).Max());
    })];

    /// <summary>The mean over the classes: VOC's AP50.</summary>
    public double Mean() => CocoEvaluation.Mean(ByClass());

    /// <summary>
    /// Where detections are best taken: the score from which on F1, over the objects of all classes, is highest. Null where no detection is
    /// right.
    /// </summary>
    public OperatingPoint? Best()
    {
        var all = truths.Sum(images => images.Sum());
        var (right, taken, best) = (0, 0, default(OperatingPoint));
        foreach (var equals in rankings.SelectMany(each => each).Where(item => item.Outcome >= 0).GroupBy(item => item.Score)
            .OrderByDescending(group => group.Key))
        {
            // Those of one score are taken together.
            right += equals.Count(item => item.Outcome > 0);
            taken += equals.Count();
            OperatingPoint here = new(equals.Key, (double)right / taken, (double)right / all);
            if (right > 0 && (best is null || here.F1 > best.F1)) best = here;
        }
        return best;
    }

    /// <summary>The mean, then each class, with images taken so many times each.</summary>
    internal double[] Drawn(int[] times)
    {
        var classes = ByClass(times);
        return [CocoEvaluation.Mean(classes), .. classes];
    }

    private double[] ByClass(int[] times) => [.. Enumerable.Range(0, rankings.Length).Select(number =>
    {
        if (Truths(number, times) == 0) return double.NaN;
        // The area under the curve, each step as high as the best from there on.
        var curve = Curve(number, times).ToArray();
        var (area, best) = (0.0, 0.0);
        for (var i = curve.Length - 1; i >= 0; i--)
        {
            best = Math.Max(best, curve[i].Precision);
            area += (curve[i].Recall - (i > 0 ? curve[i - 1].Recall : 0)) * best;
        }
        return area;
    })];

    private IEnumerable<(double Recall, double Precision)> Curve(int number, int[] times)
    {
        var all = Truths(number, times);
        if (all == 0) yield break;
        var (right, wrong) = (0L, 0L);
        foreach (var (_, image, outcome) in rankings[number])
        {
            if (outcome < 0 || times[image] == 0) continue;
            if (outcome > 0) right += times[image];
            else wrong += times[image];
            yield return ((double)right / all, (double)right / (right + wrong));
        }
    }

    private long Truths(int number, int[] times) => truths[number].Index().Sum(image => (long)image.Item * times[image.Index]);

    private int[] Once() => [.. Enumerable.Repeat(1, Images)];

    /// <summary>1 right, 0 wrong, -1 neither.</summary>
    private static IEnumerable<(double Score, int Outcome)> Outcomes(ImageTruth image, int number)
    {
        LabelledObject[] truths = [.. image.Truth.Where(item => item.Class == number)];
        var isTaken = new bool[truths.Length];
        foreach (var found in image.Found.Where(item => item.Class == number).OrderByDescending(item => item.Score))
        {
            // The best of all, taken or not: who finds an object again is wrong.
            var (best, match) = (0.0, -1);
            for (var i = 0; i < truths.Length; i++)
                if (found.Box.Iou(truths[i].Box, truths[i].IsCrowd) is var overlap && overlap > best) (best, match) = (overlap, i);
            var isRight = best >= Overlap;
            yield return (found.Score, isRight && IsLeftOut(truths[match]) ? -1 : isRight && !isTaken[match] ? 1 : 0);
            if (isRight) isTaken[match] = true;
        }
    }

    private static bool IsLeftOut(LabelledObject item) => item.IsDifficult || item.IsCrowd;
}
