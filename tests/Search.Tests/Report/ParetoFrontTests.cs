using DataSsl.Runtime;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

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
            var all = Enumerable.Range(0, count).Select(i => Candidate(i, random.Below(values), random.Below(values))).ToList();

            var expected = all.Where(c => !all.Exists(o => Beats(o, c))).Select(c => c.Index).Order();

            Assert.Equal(expected, ParetoFront.Of(all, "t").Select(c => c.Index).Order());
        }
    }

    [Fact]
    public void ItRisesFromLeftToRight()
    {
        var front = ParetoFront.Of(SyntheticSearch.Of(2000).Candidates, "detection");

        Assert.True(front.Count > 5);
        Assert.All(front.Zip(front.Skip(1)), p => Assert.True(p.First.Macs < p.Second.Macs && p.First.Scores["detection"] < p.Second.Scores["detection"]));
    }

    [Fact]
    public void CandidatesWithoutAFiniteScoreTakeNoPart()
    {
        Candidate[] all = [Candidate(0, 1, double.NaN), Candidate(1, 1, double.PositiveInfinity), Candidate(2, 5, 0.5), Candidate(3, 6, 0.9) with { Scores = new Dictionary<string, double>() }];

        Assert.Equal(2, Assert.Single(ParetoFront.Of(all, "t")).Index);
    }

    private static Candidate Candidate(long index, long macs, double score) => new("a=1", index, macs, 1, new Dictionary<string, double> { ["t"] = score });

    private static bool Beats(Candidate a, Candidate b) =>
        a.Macs <= b.Macs && a.Scores["t"] >= b.Scores["t"] && (a.Macs < b.Macs || a.Scores["t"] > b.Scores["t"]);
}
