using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Candidates;

public sealed class CandidateSetTests
{
    private static readonly Budget[] Groups = [Budget.Parse("200-400K"), Budget.Parse("300-500K"), Budget.Parse("params<=6K")];

    [Fact]
    public void GroupsAreThoseOfACountOfTheGrid()
    {
        var set = CandidateSet.Exhaustive(Tiny.Space, Groups, 16);
        foreach (var budget in Groups)
            Assert.Equal(Tiny.Space.All().Where(a => Cost(budget, a) >= budget.From && Cost(budget, a) < budget.To), set.Groups[budget]);
        Assert.Equal(Tiny.Space.All().Where(a => Groups.Any(b => Cost(b, a) >= b.From && Cost(b, a) < b.To)), set.All);

        static long Cost(Budget budget, Architecture a) =>
            budget.Measure == Measure.Macs ? Tiny.Space.Macs(a, 16) : Tiny.Space.Parameters(a);
    }

    [Fact]
    public void ADrawIsWithoutReplacementAndRepeatable()
    {
        var whole = CandidateSet.Exhaustive(Tiny.Space, Groups, 16);
        var drawn = CandidateSet.Random(Tiny.Space, Groups, 16, perBudget: 10, seed: 4);
        foreach (var budget in Groups)
        {
            Assert.Equal(10, drawn.Groups[budget].Distinct().Count());
            Assert.Subset(whole.Groups[budget].ToHashSet(), drawn.Groups[budget].ToHashSet());
            Assert.Equal(drawn.Groups[budget].OrderBy(Tiny.Space.IndexOf), drawn.Groups[budget]);
        }
        Assert.Equal(drawn.All, CandidateSet.Random(Tiny.Space, Groups, 16, perBudget: 10, seed: 4).All);
        Assert.NotEqual(drawn.All, CandidateSet.Random(Tiny.Space, Groups, 16, perBudget: 10, seed: 5).All);
    }

    [Fact]
    public void ABudgetsDrawDoesNotDependOnTheOthers()
    {
        var together = CandidateSet.Random(Tiny.Space, Groups, 16, perBudget: 10, seed: 4);
        var alone = CandidateSet.Random(Tiny.Space, [Groups[1]], 16, perBudget: 10, seed: 4);
        Assert.Equal(together.Groups[Groups[1]], alone.Groups[Groups[1]]);
    }

    [Fact]
    public void EveryMemberIsAsLikelyAsAnother()
    {
        var members = CandidateSet.Exhaustive(Tiny.Space, [Groups[0]], 16).All.Count;
        var counts = Enumerable.Range(0, 300).SelectMany(seed => CandidateSet.Random(Tiny.Space, [Groups[0]], 16, members / 2, seed).All)
            .CountBy(a => a).Select(c => c.Value).ToList();
        Assert.Equal(members, counts.Count);
        // Binomial(300, 1/2): six standard deviations are 52.
        Assert.All(counts, count => Assert.InRange(count, 98, 202));
    }

    [Fact]
    public void FewerThanAskedForAreAllTaken()
    {
        var whole = CandidateSet.Exhaustive(Tiny.Space, Groups, 16);
        Assert.Equal(whole.All, CandidateSet.Random(Tiny.Space, Groups, 16, perBudget: 10_000, seed: 0).All);
    }

    [Fact]
    public void AnEmptyBudgetNamesTheNearestCosts()
    {
        var macs = Tiny.Space.All().Select(a => Tiny.Space.Macs(a, 16)).Distinct().Order().ToList();
        var (below, above) = macs.Zip(macs.Skip(1)).MaxBy(p => p.Second - p.First);
        var hole = new Budget(Measure.Macs, below + 1, above);
        var error = Assert.Throws<UserException>(() => CandidateSet.Exhaustive(Tiny.Space, [hole], 16));
        Assert.Equal(
            FormattableString.Invariant(
                $"no architecture of Tiny at 16 pixels is within the budget {hole}; nearest costs: {below:N0} and {above:N0}"),
            error.Message);
        var tooSmall = Assert.Throws<UserException>(() => CandidateSet.Exhaustive(Tiny.Space, [Budget.Parse("<=1K")], 16));
        Assert.EndsWith(FormattableString.Invariant($"; nearest costs: {macs[0]:N0}"), tooSmall.Message);
    }

    [Fact]
    public void GroupsOfTheDataResNetAreThoseOfThePaper()
    {
        string[] texts = ["1-2G", "2-3G", "3-4G", "4-5G", "5-6G", "6-7G", "7-8G"];
        var set = CandidateSet.Exhaustive(DataResNet.Space, [.. texts.Select(Budget.Parse)], 224);
        Assert.Equal([34, 1986, 8597, 14504, 15651, 12033, 9142], set.Groups.Values.Select(g => g.Count));
        Assert.Equal(61_947, set.All.Count);
    }
}
