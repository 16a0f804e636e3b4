using DataSsl.Runtime.Evaluation;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class ProportionTests
{
    /// <summary>
    /// Wilson's interval holds the proportions p with |hits / n - p| = z * sqrt(p (1 - p) / n): found here by halving instead of by the
    /// formula.
    /// </summary>
    [Theory]
    [InlineData(8, 10)]
    [InlineData(1, 3)]
    [InlineData(50, 100)]
    [InlineData(2999, 3000)]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    public void The_ends_solve_the_score_equation(int hits, int count)
    {
        var proportion = new Proportion(hits, count);
        Assert.Equal(Root(hits, count, 0), proportion.Low, 1e-9);
        Assert.Equal(Root(hits, count, 1), proportion.High, 1e-9);
    }

    [Fact]
    public void Known_values()
    {
        Assert.Equal((0.4901625, 0.9433178), Rounded(new(8, 10)));
        Assert.Equal((0, 0.2775328), Rounded(new(0, 10)));
        Assert.Equal((0.4038315, 0.5961685), Rounded(new(50, 100)));

        static (double, double) Rounded(Proportion p) => (Math.Round(p.Low, 7), Math.Round(p.High, 7));
    }

    private static double Root(int hits, int count, double end)
    {
        var share = (double)hits / count;
        var (inside, outside) = (share, end);
        for (var i = 0; i < 100; i++)
        {
            var middle = (inside + outside) / 2;
            if (Math.Abs(share - middle) <= 1.959963984540054 * Math.Sqrt(middle * (1 - middle) / count)) inside = middle;
            else outside = middle;
        }
        return inside;
    }
}
