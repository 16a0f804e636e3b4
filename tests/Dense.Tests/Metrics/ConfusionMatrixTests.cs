using DataSsl.Dense.Metrics;
using DataSsl.Runtime;

namespace DataSsl.Dense.Tests.Metrics;

/// <summary>mIoU against sets of pixels.</summary>
public class ConfusionMatrixTests
{
    private const int Classes = 4, Void = 255;

    [Fact]
    public void Intersection_over_union_is_that_of_sets_of_pixels()
    {
        var (matrix, images) = Some();
        var iou = matrix.ByClass();
        for (var number = 0; number < Classes; number++)
        {
            var counted = images.SelectMany(
                    (image, i) => image.Truth.Select((truth, pixel) => (Place: (i, pixel), truth, Found: image.Found[pixel])))
                .Where(pixel => pixel.truth != Void).ToArray();
            var truth = counted.Where(pixel => pixel.truth == number).Select(pixel => pixel.Place).ToHashSet();
            var found = counted.Where(pixel => pixel.Found == number).Select(pixel => pixel.Place).ToHashSet();
            var expected = truth.Union(found).Any() ? (double)truth.Intersect(found).Count() / truth.Union(found).Count() : double.NaN;
            Assert.Equal(expected, iou[number], 1e-12);
        }
        // The last class neither is there nor was found.
        Assert.True(double.IsNaN(iou[3]));
        Assert.Equal(iou.Take(3).Average(), matrix.Mean(), 1e-12);
        Assert.Equal(matrix.ByClass(), matrix.Drawn([.. Enumerable.Repeat(1, matrix.Images)])[1..]);
    }

    [Fact]
    public void Intervals_hold_the_score_and_are_the_same_on_any_number_of_threads()
    {
        var (matrix, _) = Some();
        var intervals = ImageBootstrap.Intervals(ImageBootstrap.Draw(matrix, seed: 5, workers: 2));
        Assert.Equal(intervals, ImageBootstrap.Intervals(ImageBootstrap.Draw(matrix, seed: 5)));
        Assert.InRange(matrix.Mean(), intervals[0].Low, intervals[0].High);
        Assert.True(double.IsNaN(intervals[4].Low) && intervals[0].High - intervals[0].Low is > 0 and < 0.5);
    }

    [Fact]
    public void What_is_no_class_is_refused()
    {
        var matrix = new ConfusionMatrix(Classes, Void);
        Assert.Contains("pixel 1", Assert.Throws<ArgumentException>(() => matrix.Add([0, 4], [0, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => matrix.Add([0], [0, 0]));
        matrix.Add([Void, 1], [77, 1]);
        Assert.Equal((1, 1.0), (matrix.Images, matrix.Accuracy()));
    }

    private static (ConfusionMatrix Matrix, (byte[] Truth, byte[] Found)[] Images) Some()
    {
        var random = CounterRandom.For(2, "pixels");
        var images = Enumerable.Range(0, 9).Select(_ =>
        {
            var truth = Enumerable.Range(0, 300).Select(_ => random.Chance(0.1) ? (byte)Void : (byte)random.Below(3)).ToArray();
            return (truth, truth.Select(value => random.Chance(0.6) && value != Void ? value : (byte)random.Below(3)).ToArray());
        }).ToArray();
        var matrix = new ConfusionMatrix(Classes, Void);
        foreach (var (truth, found) in images) matrix.Add(truth, found);
        return (matrix, images);
    }
}
