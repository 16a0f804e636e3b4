using DataSsl.Runtime.Evaluation;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class AurocTests
{
    /// <summary>Against the share of pairs, counted one by one; whole numbers, so that many are equal.</summary>
    [Fact]
    public void It_is_the_share_of_pairs_that_are_in_order()
    {
        var random = CounterRandom.For(1, "auroc");
        double[] negatives = [.. Enumerable.Range(0, 90).Select(_ => (double)random.Below(20))],
            positives = [.. Enumerable.Range(0, 70).Select(_ => 4.0 + random.Below(20))];
        var won = negatives.Sum(n => positives.Sum(p => p > n ? 1 : p == n ? 0.5 : 0));
        Assert.Equal(won / (90 * 70), Auroc.Of(negatives, positives), 1e-12);
        Assert.InRange(won / (90 * 70), 0.55, 0.9);
        Assert.Equal(1, Auroc.Of(negatives, positives) + Auroc.Of(positives, negatives), 1e-12);
    }

    [Theory]
    [InlineData(1, new[] { 1.0, 2 }, new[] { 3.0 })]
    [InlineData(0, new[] { 3.0 }, new[] { 1.0, 2 })]
    [InlineData(0.5, new[] { 1.0 }, new[] { 1.0, 1 })]
    public void What_is_parted_or_equal(double expected, double[] negatives, double[] positives) =>
        Assert.Equal(expected, Auroc.Of(negatives, positives));
}
