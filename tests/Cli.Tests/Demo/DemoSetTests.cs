using DataSsl.Demo;

namespace DataSsl.Cli.Tests.Demo;

public class DemoSetTests
{
    [Fact]
    public void TwoDomainsHaveEightClassesEach() =>
        Assert.Equal([("aerial", 8), ("cells", 8)], DemoSet.Domains.Select(d => (d.Domain, d.Labels.Count)));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    public void EachDomainGetsItsNumberInNearlyEqualShares(int imagesPerDomain)
    {
        foreach (var domain in DemoSet.Plan(imagesPerDomain).GroupBy(e => e.Domain))
        {
            Assert.Equal(imagesPerDomain, domain.Count());
            var shares = domain.GroupBy(e => e.Label).Select(g => g.Count()).ToList();
            Assert.True(shares.Max() - shares.Min() <= 1);
        }
    }

    [Fact]
    public void PathsAreUniqueAndNameDomainAndClass()
    {
        var entries = DemoSet.Plan(100);

        Assert.Equal("aerial/train/dunes/000000.jpg", entries[0].RelativePath);
        Assert.Equal(entries.Count, entries.Select(e => e.RelativePath).Distinct().Count());
    }

    /// <summary>So that what is tested on was never learnt from, however many pictures a later set has.</summary>
    [Theory]
    [InlineData(96)]
    [InlineData(160)]
    public void AQuarterOfEachClassIsToTestOnAndStaysIt(int imagesPerDomain)
    {
        var later = DemoSet.Plan(1600).Where(e => e.RelativePath.Contains("/test/", StringComparison.Ordinal))
            .Select(e => (e.Domain, e.Label, e.Index)).ToHashSet();
        foreach (var label in DemoSet.Plan(imagesPerDomain).GroupBy(e => (e.Domain, e.Label)))
        {
            Assert.Equal(label.Count(), 4 * label.Count(e => e.RelativePath.Contains("/test/", StringComparison.Ordinal)));
            Assert.All(
                label,
                e =>
                    Assert.Equal(
                        later.Contains((e.Domain, e.Label, e.Index)), e.RelativePath.Contains("/test/", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void ALargerSetContainsASmallerOne() => Assert.Subset(DemoSet.Plan(50).ToHashSet(), DemoSet.Plan(21).ToHashSet());
}
