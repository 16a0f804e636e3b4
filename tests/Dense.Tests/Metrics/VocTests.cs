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
