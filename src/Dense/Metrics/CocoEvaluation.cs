using DataSsl.Dense.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Dense.Metrics;

/// <summary>
/// Average precision and recall as COCO's toolkit reckons them (Lin et al. 2014, and its cocoeval). What is right is found out once, image
/// by image; scores of all images, and of draws of them, are summed up from that.
/// </summary>
public sealed class CocoEvaluation
{
    private const int Half = 0, ThreeQuarters = 5;

    /// <summary>[classes][areas].</summary>
    private readonly Ranking[][] rankings;

    private CocoEvaluation(Ranking[][] rankings, int images) => (this.rankings, Images) = (rankings, images);

    /// <summary>How many images there are.</summary>
    public int Images { get; }

    /// <summary>Holds what was found against what there is.</summary>
    /// <param name="images">In their order: of detections with one score the earlier image's comes first.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="byMasks">Whether overlaps are those of masks, which all must have then, or of boxes.</param>
    /// <param name="workers">Threads.</param>
    public static CocoEvaluation Of(IReadOnlyList<ImageTruth> images, int classes, bool byMasks, int workers = 1)
    {
        var matches = new ClassMatches[images.Count][][];
        Workers.For(
            images.Count, workers, i => matches[i] = [.. Enumerable.Range(0, classes).Select(number => Match(images[i], number, byMasks))]);
        var rankings = Enumerable.Range(0, classes)
            .Select(
                number =>
                    Enumerable.Range(0, CocoProtocol.Areas.Length)
                        .Select(area => new Ranking([.. matches.Select(image => image[number][area])])).ToArray())
            .ToArray();
        return new(rankings, images.Count);
    }

    /// <summary>The scores of all images.</summary>
    public CocoScores Scores()
    {
        var once = Enumerable.Repeat(1, Images).ToArray();
        var precisions = rankings.Select(areas => areas.Select(ranking => ranking.Precisions(once)).ToArray()).ToArray();
        return new()
        {
            Ap = Mean(precisions.Select(areas => areas[0].Average())),
            Ap50 = Mean(precisions.Select(areas => areas[0][Half])),
            Ap75 = Mean(precisions.Select(areas => areas[0][ThreeQuarters])),
            ApSmall = Mean(precisions.Select(areas => areas[1].Average())),
            ApMedium = Mean(precisions.Select(areas => areas[2].Average())),
            ApLarge = Mean(precisions.Select(areas => areas[3].Average())),
            Ar1 = Recall(0, 0),
            Ar10 = Recall(0, 1),
            Ar100 = Recall(0, 2),
            ArSmall = Recall(1, 2),
            ArMedium = Recall(2, 2),
            ArLarge = Recall(3, 2),
            ByClass = [.. precisions.Select(areas => areas[0].Average())],
            ByClass50 = [.. precisions.Select(areas => areas[0][Half])],
        };

        double Recall(int area, int count) => Mean(rankings.Select(areas => areas[area].Recalls(CocoProtocol.Counts[count]).Average()));
    }

    /// <summary>AP, AP50, AP75 and then AP of each class, with images taken so many times each.</summary>
    internal double[] Drawn(int[] times)
    {
        var precisions = Array.ConvertAll(rankings, areas => areas[0].Precisions(times));
        return
        [
            Mean(precisions.Select(levels => levels.Average())), Mean(precisions.Select(levels => levels[Half])),
            Mean(precisions.Select(levels => levels[ThreeQuarters])),.. precisions.Select(levels => levels.Average()),
        ];
    }

    /// <summary>Without the classes of which there is no object.</summary>
    internal static double Mean(IEnumerable<double> values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>A class on an image, for each range of areas.</summary>
    private static ClassMatches[] Match(ImageTruth image, int number, bool byMasks)
    {
        LabelledObject[] truths = [.. image.Truth.Where(item => item.Class == number)];
        FoundObject[] found =
        [
            .. image.Found.Where(item => item.Class == number).OrderByDescending(item => item.Score).Take(CocoProtocol.MostDetections),
        ];
        var overlaps = new double[found.Length, truths.Length];
        for (var i = 0; i < found.Length; i++)
            for (var j = 0; j < truths.Length; j++)
                overlaps[i, j] = byMasks
                    ? MaskOf(found[i].Mask).Iou(MaskOf(truths[j].Mask), truths[j].IsCrowd)
                    : found[i].Box.Iou(truths[j].Box, truths[j].IsCrowd);
        var areas = Array.ConvertAll(found, item => byMasks ? MaskOf(item.Mask).Area : item.Box.Area);
        return Array.ConvertAll(CocoProtocol.Areas, range => ClassMatches.Of(truths, found, overlaps, areas, range));

        static RunMask MaskOf(RunMask? mask) => mask ?? throw new ArgumentException("an object without a mask, in an evaluation by masks");
    }
}
