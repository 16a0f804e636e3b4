using DataSsl.Dense.Data;
using DataSsl.Dense.Metrics;
using DataSsl.Runtime;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Dense.Tests.Metrics;

/// <summary>AP and AR against COCO's own toolkit and against a count in another way.</summary>
public sealed class CocoTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CocoRecording recording = new();

    public void Dispose()
    {
        folder.Dispose();
        recording.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scores_are_those_of_the_toolkit(bool byMasks)
    {
        var scores = CocoEvaluation.Of(recording.Images(folder, byMasks), CocoRecording.Classes, byMasks, workers: 2).Scores();
        double[] ours =
        [
            scores.Ap, scores.Ap50, scores.Ap75, scores.ApSmall, scores.ApMedium, scores.ApLarge, scores.Ar1, scores.Ar10, scores.Ar100,
            scores.ArSmall, scores.ArMedium, scores.ArLarge,
        ];
        foreach (var (theirs, own) in recording.Expected(byMasks, "stats").Zip(ours)) Assert.Equal(theirs, own, 1e-12);
        foreach (var (theirs, own) in recording.Expected(byMasks, "ap").Zip(scores.ByClass)) Assert.Equal(theirs, own, 1e-12);
        foreach (var (theirs, own) in recording.Expected(byMasks, "ap50").Zip(scores.ByClass50)) Assert.Equal(theirs, own, 1e-12);
    }

    [Fact]
    public void Polygons_are_drawn_as_the_toolkit_draws_them()
    {
        foreach (var polygon in recording.Polygons.EnumerateArray())
        {
            var points = CocoRecording.Numbers(polygon, "points");
            var (drawn, theirs) = (RunMask.OfPolygon(336, 448, points), RunMask.Of(336, 448, polygon.GetProperty("counts").GetString()!));
            Assert.Equal(theirs.Runs.ToArray(), drawn.Runs.ToArray());
            Assert.Equal((long)polygon.GetProperty("area").GetInt32(), drawn.Area);
            var box = CocoRecording.Numbers(polygon, "bbox");
            if (drawn.Area > 0) Assert.Equal(new Box(box[0], box[1], box[2], box[3]), drawn.Bounds);
        }
    }

    /// <summary>
    /// At each score as a threshold everything is matched anew and precision and recall counted, without a running sum; then the best
    /// precision of all thresholds that reach a recall.
    /// </summary>
    [Fact]
    public void Average_precision_is_that_of_counting_at_every_threshold()
    {
        var images = Random(12, 3);
        var scores = CocoEvaluation.Of(images, 2, byMasks: false).Scores();
        for (var number = 0; number < 2; number++)
        {
            var truths = images.Sum(image => image.Truth.Count(item => item.Class == number));
            var thresholds = images.SelectMany(image => image.Found).Where(item => item.Class == number).Select(item => item.Score)
                .Distinct();
            var curve = thresholds.Select(threshold =>
            {
                var (right, all) = (0, 0);
                foreach (var image in images)
                {
                    var left = image.Truth.Where(item => item.Class == number).ToList();
                    foreach (var found in
                        image.Found.Where(item => item.Class == number && item.Score >= threshold).OrderByDescending(item => item.Score))
                    {
                        all++;
                        if (
                            left.Select(item => (item, Overlap(found.Box, item.Box))).Where(pair => pair.Item2 >= 0.5)
                                .OrderByDescending(pair => pair.Item2).FirstOrDefault().item is not { } match)
                            continue;
                        right++;
                        left.Remove(match);
                    }
                }
                return (Recall: (decimal)right / truths, Precision: (double)right / all);
            }).ToArray();
            var expected = Enumerable.Range(0, 101)
                .Average(
                    step => curve.Where(point => point.Recall >= step / 100m).Select(point => point.Precision).DefaultIfEmpty(0).Max());
            Assert.Equal(expected, scores.ByClass50[number], 1e-9);
        }
    }

    [Fact]
    public void A_draw_of_images_scores_as_those_images_do()
    {
        var images = Random(10, 5);
        var random = CounterRandom.For(1, "draw");
        for (var draw = 0; draw < 5; draw++)
        {
            var drawn = Enumerable.Range(0, images.Length).Select(_ => (int)random.Below(images.Length)).ToArray();
            var times = Enumerable.Range(0, images.Length).Select(i => drawn.Count(j => j == i)).ToArray();
            var repeated = drawn.Order().Select(i => images[i]).ToArray();
            var whole = CocoEvaluation.Of(repeated, 2, byMasks: false).Scores();
            Assert.Equal(
                [whole.Ap, whole.Ap50, whole.Ap75, .. whole.ByClass], CocoEvaluation.Of(images, 2, byMasks: false).Drawn(times),
                (a, b) => Math.Abs(a - b) < 1e-12);
            Assert.Equal(
                new VocAveragePrecision(repeated, 2).ByClass(), new VocAveragePrecision(images, 2).Drawn(times)[1..],
                (a, b) => Math.Abs(a - b) < 1e-12);
        }
    }

    [Fact]
    public void Intervals_hold_the_score_and_are_the_same_on_any_number_of_threads()
    {
        var evaluation = CocoEvaluation.Of(Random(16, 7), 2, byMasks: false);
        var intervals = ImageBootstrap.Intervals(ImageBootstrap.Draw(evaluation, seed: 3, workers: 2));
        Assert.Equal(intervals, ImageBootstrap.Intervals(ImageBootstrap.Draw(evaluation, seed: 3)));
        Assert.NotEqual(intervals, ImageBootstrap.Intervals(ImageBootstrap.Draw(evaluation, seed: 4)));
        var scores = evaluation.Scores();
        foreach (var (score, (low, high)) in
            new[] { scores.Ap, scores.Ap50, scores.Ap75, scores.ByClass[0], scores.ByClass[1] }.Zip(intervals))
        {
            Assert.InRange(score, low, high);
            Assert.InRange(high - low, 0.01, 0.6);
        }
    }

    [Fact]
    public void A_crowd_takes_any_number_of_detections_and_none_of_them_is_wrong()
    {
        LabelledObject crowd = new(0, new(0, 0, 100, 100), 10000, IsCrowd: true), alone = new(0, new(200, 0, 40, 40), 1600);
        FoundObject[] found = [new(0, 0.9, new(0, 0, 20, 20)), new(0, 0.8, new(50, 50, 20, 20)), new(0, 0.1, new(200, 0, 40, 40))];
        Assert.Equal(1, CocoEvaluation.Of([new([crowd, alone], found)], 1, byMasks: false).Scores().Ap, 1e-12);
        Assert.Equal(1, new VocAveragePrecision([new([crowd, alone], found)], 1).Mean(), 1e-12);
        Assert.True(double.IsNaN(CocoEvaluation.Of([new([crowd], found)], 1, byMasks: false).Scores().Ap));
    }

    internal static ImageTruth[] Random(int images, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "detections");
        return [.. Enumerable.Range(0, images).Select(_ =>
        {
            var (truth, found) = (new List<LabelledObject>(), new List<FoundObject>());
            for (var i = 0; i < 6; i++)
            {
                var box = new Box(random.Between(0, 300), random.Between(0, 200), random.Between(20, 120), random.Between(20, 120));
                var number = (int)random.Below(2);
                truth.Add(new(number, box, box.Area));
                for (var j = (int)random.Below(3); j > 0; j--)
                    found.Add(
                        new(
                            random.Chance(0.9) ? number : 1 - number, random.NextDouble(),
                            new(
                                box.Left + random.Between(-15, 15), box.Top + random.Between(-15, 15),
                                box.Width * random.Between(0.8, 1.25), box.Height)));
            }
            return new ImageTruth(truth, found);
        })];
    }

    /// <summary>By corners, where the product goes by sides.</summary>
    internal static double Overlap(Box a, Box b)
    {
        double[] x = [a.Left, a.Left + a.Width, b.Left, b.Left + b.Width], y = [a.Top, a.Top + a.Height, b.Top, b.Top + b.Height];
        var both = Math.Max(0, Math.Min(x[1], x[3]) - Math.Max(x[0], x[2])) * Math.Max(0, Math.Min(y[1], y[3]) - Math.Max(y[0], y[2]));
        return both / ((x[1] - x[0]) * (y[1] - y[0]) + (x[3] - x[2]) * (y[3] - y[2]) - both);
    }
}
