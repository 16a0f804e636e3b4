using DataSsl.Runtime.Evaluation;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class AurocTests
{
    /// <summary>
    /// Against pairs, looked at one by one: the share in order, and the variance by DeLong's components as the paper writes them. Whole
    /// numbers, so that many are equal.
    /// </summary>
    [Theory]
    [InlineData(90, 70, 4)]
    [InlineData(7, 120, 9)]
    [InlineData(50, 2, 0)]
    public void It_is_what_the_pairs_say(int n, int m, int shift)
    {
        var random = CounterRandom.For(1, "auroc", n);
        double[] negatives = [.. Enumerable.Range(0, n).Select(_ => (double)random.Below(20))],
            positives = [.. Enumerable.Range(0, m).Select(_ => (double)shift + random.Below(20))];
        var (sum, ofPositive, ofNegative) = (0.0, new double[m], new double[n]);
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
            {
                var won = positives[i] > negatives[j] ? 1 : positives[i] == negatives[j] ? 0.5 : 0;
                sum += won;
                ofPositive[i] += won / n;
                ofNegative[j] += won / m;
            }
        var area = sum / (m * n);
        var (s10, s01) = (0.0, 0.0);
        for (var i = 0; i < m; i++) s10 += Math.Pow(ofPositive[i] - area, 2) / (m - 1);
        for (var j = 0; j < n; j++) s01 += Math.Pow(ofNegative[j] - area, 2) / (n - 1);
        var found = Auroc.Of(negatives, positives);
        Assert.Equal(area, found.Value, 1e-12);
        Assert.Equal(s10 / m + s01 / n, found.Variance, 1e-12);
        Assert.InRange(area, 0.3, 0.99);
        // The ends are as far off in the logit.
        Assert.Equal(1.959963984540054 * Math.Sqrt(s10 / m + s01 / n) / (area * (1 - area)), Logit(found.High) - Logit(area), 1e-9);
        Assert.Equal(Logit(found.High) - Logit(area), Logit(area) - Logit(found.Low), 1e-9);
        var turned = Auroc.Of(positives, negatives);
        Assert.Equal((1 - found.Value, 1 - found.High, 1 - found.Low), (turned.Value, turned.Low, turned.High), Near);
    }

    [Theory]
    [InlineData(1, new[] { 1.0, 2 }, new[] { 3.0 })]
    [InlineData(0, new[] { 3.0 }, new[] { 1.0, 2 })]
    [InlineData(0.5, new[] { 1.0 }, new[] { 1.0, 1 })]
    public void What_is_parted_or_equal(double expected, double[] negatives, double[] positives) =>
        Assert.Equal(expected, Auroc.Of(negatives, positives).Value);

    /// <summary>
    /// Where all pairs are in order, pairs without a common image are as many draws that all were hits, and no more is known; of one image
    /// hardly anything is.
    /// </summary>
    [Fact]
    public void What_is_all_in_order_may_be_less_elsewhere()
    {
        var parted = Auroc.Of([.. Enumerable.Range(0, 30).Select(i => (double)i)], [.. Enumerable.Range(100, 50).Select(i => (double)i)]);
        Assert.Equal((1, new Proportion(30, 30).Low, 1), (parted.Value, parted.Low, parted.High));
        var one = Auroc.Of([1, 2, 3, 5], [4]);
        Assert.Equal(0.75, one.Value);
        Assert.InRange(one.Low, 0, 0.2);
        Assert.InRange(one.High, 0.95, 1);
    }

    /// <summary>
    /// Of normal scores the true area is known, that of d / sqrt 2 under the normal distribution: the interval holds it in 95 of 100
    /// studies, also where it is near 1 and images are few, and in no fewer than 90 where there are 20.
    /// </summary>
    [Theory]
    [InlineData(0.0, 0.5, 40, 60, 0.93)]
    [InlineData(1.8123876048736, 0.9, 60, 40, 0.93)]
    [InlineData(2.9044395631245, 0.98, 100, 60, 0.92)]
    [InlineData(1.8123876048736, 0.9, 20, 20, 0.90)]
    public void The_interval_holds_the_truth_in_95_of_100_studies(double distance, double truth, int n, int m, double least)
    {
        var random = CounterRandom.For(2, "auroc", (long)(100 * truth), n);
        var held = Enumerable.Range(0, 2000).Count(_ =>
        {
            double[] negatives = [.. Enumerable.Range(0, n).Select(_ => random.NextNormal())],
                positives = [.. Enumerable.Range(0, m).Select(_ => distance + random.NextNormal())];
            var found = Auroc.Of(negatives, positives);
            return found.Low <= truth && truth <= found.High;
        });
        Assert.InRange(held / 2000.0, least, 0.975);
    }

    private static double Logit(double p) => Math.Log(p / (1 - p));

    private static bool Near((double, double, double) a, (double, double, double) b) =>
        Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12 && Math.Abs(a.Item3 - b.Item3) < 1e-12;
}
