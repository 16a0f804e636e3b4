using DataSsl.Runtime;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Results;

public class ParetoFrontTests
{
    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(300, 1_000_000)]
    // Few values, many ties.
    [InlineData(300, 7)]
    public void ItIsWhatNothingBeats(int count, int values)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var random = CounterRandom.For(seed, "pareto");
            var costs = new double[count];
            var scores = new double[count];
            for (var i = 0; i < count; i++) (costs[i], scores[i]) = (random.Below(values), random.Below(values));
            // Every third is no member, so it may not beat anything either.
            var members = Enumerable.Range(0, count).Where(i => i % 3 != 1).ToList();

            var expected = members.Where(i => !members.Exists(o => Beats(o, i)));

            Assert.Equal(expected, ParetoFront.Of(costs, scores, members).Order());

            bool Beats(int a, int b) => costs[a] <= costs[b] && scores[a] >= scores[b] && (costs[a] < costs[b] || scores[a] > scores[b]);
        }
    }

    [Fact]
    public void ItRisesWithTheCost() => Assert.Equal([3, 0, 2], ParetoFront.Of([2, 3, 5, 1], [0.5, 0.4, 0.9, 0.1], [0, 1, 2, 3]));

    [Fact]
    public void CandidatesWithoutAFiniteScoreTakeNoPart() =>
        Assert.Equal([2], ParetoFront.Of([1, 1, 5, double.NaN], [double.NaN, double.PositiveInfinity, 0.5, 0.9], [0, 1, 2, 3]));
}
