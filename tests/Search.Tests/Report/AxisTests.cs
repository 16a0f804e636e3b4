using DataSsl.Search.Report;

namespace DataSsl.Search.Tests.Report;

public class AxisTests
{
    [Theory]
    [InlineData(0, 10, 5, "0 2 4 6 8 10")]
    [InlineData(0.61, 0.87, 6, "0.65 0.70 0.75 0.80 0.85")]
    [InlineData(-3, 3, 4, "-2 0 2")]
    [InlineData(0.1, 0.7, 6, "0.1 0.2 0.3 0.4 0.5 0.6 0.7")]
    public void TicksAreRound(double low, double high, int most, string expected)
    {
        var axis = new Axis(low, high, 0, 100);

        Assert.Equal(expected, string.Join(" ", axis.Ticks(most).Select(t => axis.Label(t, most))));
    }

    [Fact]
    public void ManyMagnitudesGiveFewTicks()
    {
        for (var power = -9; power <= 12; power++)
            for (var mantissa = 1.0; mantissa < 10; mantissa += 0.37)
                Assert.InRange(new Axis(0, mantissa * Math.Pow(10, power), 0, 1).Ticks(8).Count(), 3, 9);
    }

    [Fact]
    public void OneValueHasARange()
    {
        var axis = Axis.Over([5], 0, 100);

        Assert.Equal(50, axis.At(5), 6);
    }

    [Fact]
    public void NoValuesHaveARangeToo() => Assert.NotEmpty(Axis.Over([], 0, 100).Ticks(5));

    [Fact]
    public void ThePageMayRunDownward() => Assert.Equal(75, new Axis(0, 4, 100, 0).At(1));
}
