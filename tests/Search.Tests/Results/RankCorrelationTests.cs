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
    public void IsThatOfTheTextbook(string a, string b, double expected) => Assert.Equal(expected, RankCorrelation.Spearman(Numbers(a), Numbers(b)), 1e-12);

    [Fact]
    public void WhatDoesNotVaryHasNone() => Assert.True(double.IsNaN(RankCorrelation.Spearman([1, 1, 1], [1, 2, 3])));

    [Fact]
    public void ADomainComparisonRanksEachWinnerOnTheOther()
    {
        Candidate[] own = [Of("a", 0.9), Of("b", 0.8), Of("c", 0.7), Of("d", 0.6)], other = [Of("a", 0.1), Of("b", 0.2), Of("c", 0.5), Of("d", 0.3)];
        var (here, there) = (Result(own, own[0]), Result(other, other[2]));
        var compared = DomainComparison.Of(here, there, "other", new Dictionary<string, IReadOnlyList<string>> { ["1-2G"] = ["a", "b", "c", "d"] }).Single();
        Assert.Equal(("other", "1-2G", 4, 3, 4), (compared.Data, compared.Budget, compared.Members, compared.OtherWinnerRankHere, compared.WinnerRankThere));
        // Ranks 4 3 2 1 against 1 2 4 3.
        Assert.Equal(1 - 6.0 * (9 + 1 + 4 + 4) / 60, compared.Spearman!.Value, 1e-12);

        static Candidate Of(string name, double score) => new(name, 0, 1, 1, new Dictionary<string, double> { ["classification"] = score });

        static SearchResult Result(IReadOnlyList<Candidate> candidates, Candidate best) => SyntheticSearch.Of(1) with { Candidates = candidates, Winners = [new("classification", "1-2G", best, 4)] };
    }

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(double.Parse)];
}
