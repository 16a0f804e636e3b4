using DataSsl.Dense.Data;
using DataSsl.Dense.Metrics;

namespace DataSsl.Dense.Tests.Metrics;

/// <summary>VOC's AP by hand and against a count in another way.</summary>
public class VocTests
{
    private static readonly Box here = new(0, 0, 10, 10), there = new(50, 0, 10, 10), elsewhere = new(100, 0, 10, 10);

    [Fact]
    public void Both_ways_give_what_a_hand_reckons()
    {
        // Right, wrong, right of three objects: precision 1 at a recall of 1/3, 2/3 at 2/3.
        ImageTruth image = new(
            [Object(here), Object(there), Object(elsewhere)], [Found(0.9, here), Found(0.8, new(0, 50, 10, 10)), Found(0.7, there)]);
        var ap = new VocAveragePrecision([image], 2);
        Assert.Equal(1 / 3.0 + 1 / 3.0 * 2 / 3, ap.ByClass()[0], 1e-12);
        // Recalls 0 to 0.3 read 1, and 0.4 to 0.6 read 2/3.
        Assert.Equal((4 + 3 * 2 / 3.0) / 11, ap.ByClassAtElevenPoints()[0], 1e-12);
        Assert.True(double.IsNaN(ap.ByClass()[1]) && double.IsNaN(ap.ByClassAtElevenPoints()[1]));
        Assert.Equal(ap.ByClass()[0], ap.Mean());
    }

    /// <summary>By a hand: F1 is 1/2 of the first alone, 2/5 with the second and 2/3 with the third.</summary>
    [Fact]
    public void The_best_score_is_where_f1_is_highest()
    {
        var wrong = Found(0.8, new(0, 50, 10, 10));
        ImageTruth image = new([Object(here), Object(there), Object(elsewhere)], [Found(0.9, here), wrong, Found(0.7, there)]);
        var best = new VocAveragePrecision([image], 2).Best()!;
        Assert.Equal((0.7, 2 / 3.0, 2 / 3.0), (best.Score, best.Precision, best.Recall));
        Assert.Equal(2 / 3.0, best.F1, 1e-12);
        // Both classes together: three of five are right, and three of four objects found.
        var second = Found(0.95, new(0, 90, 10, 10)) with { Class = 1 };
        ImageTruth other = new([Object(here) with { Class = 1 }], [second, Found(0.1, here) with { Class = 1 }]);
        best = new VocAveragePrecision([image, other], 2).Best()!;
        Assert.Equal((0.1, 3 / 5.0, 3 / 4.0), (best.Score, best.Precision, best.Recall));
        Assert.Null(new VocAveragePrecision([image with { Found = [wrong] }], 1).Best());
    }

    /// <summary>Against every score that there is, counted from the matches one image at a time.</summary>
    [Fact]
    public void No_other_score_has_a_higher_f1()
    {
        var images = CocoTests.Random(14, 11);
        var best = new VocAveragePrecision(images, 2).Best()!;
        var all = images.Sum(image => image.Truth.Count(item => !item.IsDifficult && !item.IsCrowd));
        var scores = images.SelectMany(image => image.Found.Select(item => item.Score)).Distinct().ToList();
        Assert.Equal(scores.Max(F1), best.F1, 1e-12);
        Assert.Equal(F1(best.Score), best.F1, 1e-12);

        double F1(double score)
        {
            var kept = images.Select(image => image with { Found = [.. image.Found.Where(item => item.Score >= score)] }).ToList();
            var (right, taken) = (0, 0);
            for (var number = 0; number < 2; number++)
                foreach (var image in kept)
                {
                    var truths = image.Truth.Where(item => item.Class == number).ToList();
                    var free = truths.ToList();
                    foreach (var item in image.Found.Where(item => item.Class == number).OrderByDescending(item => item.Score))
                    {
                        var nearest = truths.MaxBy(truth => item.Box.Iou(truth.Box, truth.IsCrowd));
                        if (nearest is null || item.Box.Iou(nearest.Box, nearest.IsCrowd) < 0.5)
                        {
                            taken++;
                            continue;
                        }
                        if (nearest.IsDifficult || nearest.IsCrowd) continue;
                        taken++;
                        if (free.Remove(nearest)) right++;
                    }
                }
            return 2.0 * right / (taken + all);
        }
    }

    [Fact]
    public void Difficult_objects_are_neither_right_nor_wrong_and_a_second_find_is_wrong()
    {
        ImageTruth image = new(
            [Object(here), Object(there) with { IsDifficult = true }],
            [Found(0.9, there), Found(0.8, there), Found(0.7, here), Found(0.6, here)]);
        Assert.Equal(1, new VocAveragePrecision([image], 1).Mean(), 1e-12);
        Assert.Equal(
            0.5,
            new VocAveragePrecision(
                        [
                            image with
                            {
                                Found = [Found(0.9, here), Found(0.8, here), Found(0.7, elsewhere)],
                                Truth = [Object(here), Object(elsewhere)],
                            },
                        ],
                        1)
                    .Mean()
                - 1 / 3.0,
            1e-12);
    }

    /// <summary>
    /// The area by the median recall of each object found: the mean over objects of the best precision at which one more than those before
    /// is found.
    /// </summary>
    [Fact]
    public void The_area_is_the_mean_over_objects_of_the_best_precision_that_finds_so_many()
    {
        var images = CocoTests.Random(14, 11);
        var ap = new VocAveragePrecision(images, 2).ByClass();
        for (var number = 0; number < 2; number++)
        {
            var truths = images.Sum(image => image.Truth.Count(item => item.Class == number));
            var all = images.SelectMany((image, i) => image.Found.Where(item => item.Class == number).Select(item => (Image: i, item)))
                .OrderByDescending(pair => pair.item.Score).ToArray();
            var points = new List<(int Right, double Precision)>();
            var taken = new HashSet<LabelledObject>(ReferenceEqualityComparer.Instance);
            for (var i = 0; i < all.Length; i++)
            {
                var best = images[all[i].Image].Truth.Where(item => item.Class == number)
                    .MaxBy(item => CocoTests.Overlap(item.Box, all[i].item.Box));
                if (best is not null && CocoTests.Overlap(best.Box, all[i].item.Box) >= 0.5) taken.Add(best);
                points.Add((taken.Count, (double)taken.Count / (i + 1)));
            }
            var expected = Enumerable.Range(1, truths)
                .Sum(
                    count => points.Where(point => point.Right >= count).Select(point => point.Precision).DefaultIfEmpty(0).Max()) / truths;
            Assert.Equal(expected, ap[number], 1e-12);
        }
    }

    private static LabelledObject Object(Box box) => new(0, box, box.Area);

    private static FoundObject Found(double score, Box box) => new(0, score, box);
}
