using DataSsl.Runtime;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Candidates;

public sealed class UniformDrawTests
{
    [Fact]
    public void AWholeDrawHasEveryMemberOnce()
    {
        var draw = new UniformDraw(Tiny.Space, CounterRandom.For(1, "draw"));
        var order = draw.Take((int)Tiny.Space.Count + 5);
        Assert.Equal(Tiny.Space.Count, order.Count);
        Assert.Equal(Tiny.Space.All(), order.OrderBy(Tiny.Space.IndexOf));
        Assert.NotEqual(Tiny.Space.All(), order);
        Assert.Null(draw.Next());
    }

    /// <summary>
    /// Of the first 3 of 768, over 4,000 seeds, each eighth of the indices holds an eighth: 1,500 with a standard deviation of 36.
    /// </summary>
    [Fact]
    public void EveryPlaceIsAsLikelyAsAnother()
    {
        var counts = new int[8];
        for (var seed = 0; seed < 4000; seed++)
            foreach (var a in new UniformDraw(Tiny.Space, CounterRandom.For((ulong)seed, "draw")).Take(3))
                counts[8 * Tiny.Space.IndexOf(a) / Tiny.Space.Count]++;
        Assert.All(counts, count => Assert.InRange(count, 1500 - 6 * 36, 1500 + 6 * 36));
    }

    [Fact]
    public void ABudgetOfAVastSpaceIsDrawnFromWithoutListingIt()
    {
        Assert.True(Vast.Space.Count > 10_000_000_000);
        Budget[] budgets = [Budget.Parse("100-120M"), Budget.Parse("200-250M and params<=2M")];
        var drawn = CandidateSet.Random(Vast.Space, budgets, 32, 100, seed: 3);
        foreach (var budget in budgets)
        {
            Assert.Equal(100, drawn.Groups[budget].Distinct().Count());
            Assert.All(drawn.Groups[budget], a => Assert.True(budget.Contains(a, 32)));
        }
        Assert.Contains(
            "give --strategy evolution or --strategy random",
            Assert.Throws<UserException>(() => CandidateSet.Exhaustive(Vast.Space, budgets, 32)).Message);
    }

    [Fact]
    public void ABudgetTooNarrowToBeHitIsSaidWithTheCostsBesideIt()
    {
        var least = Vast.Space.Macs(Vast.Space.Min, 32);
        var narrow = new Budget(Measure.Macs, 0, least + 1);
        Assert.True(narrow.Contains(Vast.Space.Min, 32));
        var error = Assert.Throws<UserException>(
            () => new BudgetDraw(Vast.Space, narrow, 32, seed: 3, mostTries: 50_000).Take(100)).Message;
        Assert.Matches(
            @"\Anone of 50,000 architectures drawn from Vast's [\d,]+ is within the budget .* too narrow to search by drawing; costs drawn next to .*: [\d,]+\z",
            error);
    }
}
