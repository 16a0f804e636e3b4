using DataSsl.Runtime;
using DataSsl.Search.Results;
using DataSsl.Search.Tests.Report;

namespace DataSsl.Search.Tests.Results;

public sealed class RankCorrelationTests
{
    /// <summary>Values by hand: without ties 1 - 6 sum d^2 / (n (n^2 - 1)); with ties the correlation of mean ranks.</summary>
    [Theory]
    [InlineData("1 2 3 4", "10 20 30 40", 1)]
    [InlineData("1 2 3 4", "4 3 2 1", -1)]
    [InlineData("1 2 3 4 5", "2 1 4 3 5", 0.8)]
    [InlineData("86 97 99 100 101 103 106 110 112 113", "2 20 28 27 50 29 7 17 6 12", -0.17575757575757575)]
    [InlineData("1 2 2 3", "1 2 3 4", 0.94868329805051381)]
    public void IsThatOfTheTextbook(string a, string b, double expected) =>
        Assert.Equal(expected, RankCorrelation.Spearman(Numbers(a), Numbers(b)), 1e-12);

    [Fact]
    public void WhatDoesNotVaryHasNone()
    {
        Assert.True(double.IsNaN(RankCorrelation.Spearman([1, 1, 1], [1, 2, 3])));
        Assert.True(double.IsNaN(RankCorrelation.KendallTauB([1, 1, 1], [1, 2, 3])));
    }

    /// <summary>The definition, pair by pair, on lists of any length with many ties and few.</summary>
    [Fact]
    public void KendallIsThatOfEveryPair()
    {
        var random = CounterRandom.For(2, "kendall");
        for (var round = 0; round < 300; round++)
        {
            var (count, values) = (2 + (int)random.Below(40), 2 + random.Below(30));
            var (a, b) = (new double[count], new double[count]);
            for (var i = 0; i < count; i++) (a[i], b[i]) = (random.Below(values), random.Chance(0.5) ? a[i] : random.Below(values));
            var (alike, inA, inB) = (0, 0, 0);
            for (var i = 0; i < count; i++)
                for (var j = 0; j < i; j++)
                {
                    var (x, y) = (Math.Sign(a[i] - a[j]), Math.Sign(b[i] - b[j]));
                    (alike, inA, inB) = (alike + x * y, inA + x * x, inB + y * y);
                }
            Assert.Equal(alike / Math.Sqrt((double)inA * inB), RankCorrelation.KendallTauB(a, b), 1e-12);
        }
    }

    /// <summary>
    /// Draws of two normal variables, whose rank correlations are known in closed form (Kruskal 1958): 2 asin(r) / pi for Kendall, 6 asin(r
    /// / 2) / pi for Spearman. 95 % of the intervals must hold them, within what 4,000 draws and the approximation leave open.
    /// </summary>
    [Theory]
    [InlineData(10, 0)]
    [InlineData(10, 0.5)]
    [InlineData(20, 0.8)]
    [InlineData(30, 0.7)]
    [InlineData(100, 0.9)]
    public void IntervalsHoldTheTruthAsOftenAsTheySay(int count, double r)
    {
        const int rounds = 4_000;
        var random = CounterRandom.For(4, "coverage", count);
        var (spearman, kendall) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var (a, b) = (new double[count], new double[count]);
            for (var i = 0; i < a.Length; i++) b[i] = r * (a[i] = random.NextNormal()) + Math.Sqrt(1 - r * r) * random.NextNormal();
            var agreement = RankAgreement.Of(a, b);
            if (Holds(agreement.Spearman, 6 / Math.PI * Math.Asin(r / 2))) spearman++;
            if (Holds(agreement.KendallTauB, 2 / Math.PI * Math.Asin(r))) kendall++;
        }
        Assert.InRange(spearman, 0.93 * rounds, 0.98 * rounds);
        Assert.InRange(kendall, 0.93 * rounds, 0.98 * rounds);

        static bool Holds(Estimate e, double truth) => e.Low <= truth && truth <= e.High;
    }

    [Fact]
    public void FiveInTheSameOrderAreNoProofAndFourSayNothing()
    {
        var agreement = RankAgreement.Of([1, 2, 3, 4, 5], [1, 4, 9, 16, 25]);
        Assert.Equal(
            (1, 1, 1, 1), (agreement.Spearman.Value, agreement.Spearman.High, agreement.KendallTauB.Value, agreement.KendallTauB.High));
        Assert.InRange(agreement.Spearman.Low, -0.3, 0.6);
        Assert.InRange(agreement.KendallTauB.Low, -0.3, 0.6);
        var four = RankAgreement.Of([1, 2, 3, 4], [1, 4, 9, 16]);
        Assert.True(double.IsNaN(four.Spearman.Low) && double.IsNaN(four.KendallTauB.High));
        Assert.Equal(1, four.Spearman.Value);
    }

    [Fact]
    public void ADomainComparisonRanksEachWinnerOnTheOther()
    {
        Candidate[] own = [Of("a", 0.9), Of("b", 0.8), Of("c", 0.7), Of("d", 0.6)],
            other = [Of("a", 0.1), Of("b", 0.2), Of("c", 0.5), Of("d", 0.3)];
        var (here, there) = (Result(own, own[0]), Result(other, other[2]));
        var compared = DomainComparison.Of(
                here, there, "other", new Dictionary<string, IReadOnlyList<string>> { ["1-2G"] = ["a", "b", "c", "d"] })
            .Single();
        Assert.Equal(
            ("other", "1-2G", 4, 3, 4),
            (compared.Data, compared.Budget, compared.Members, compared.OtherWinnerRankHere, compared.WinnerRankThere));
        // Ranks 4 3 2 1 against 1 2 4 3.
        Assert.Equal(1 - 6.0 * (9 + 1 + 4 + 4) / 60, compared.Spearman!.Value, 1e-12);

        static Candidate Of(string name, double score) => new(name, 0, 1, 1, new Dictionary<string, double> { ["classification"] = score });

        static SearchResult Result(IReadOnlyList<Candidate> candidates, Candidate best) =>
            SyntheticSearch.Of(1) with { Candidates = candidates, Winners = [new("classification", "1-2G", best, 4)] };
    }

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(double.Parse)];
}
