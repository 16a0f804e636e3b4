using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Search.Tests.Walk;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Candidates;

public sealed class EvolutionTests
{
    private static readonly Budget Paper = Budget.Parse("3-4G");

    /// <summary>
    /// A score that likes every part of the network to be near a point of its own, which no member within the budget reaches, with a
    /// roughness that no gradient shows.
    /// </summary>
    private static double Likeness(Architecture a)
    {
        var score = 0.0;
        for (var axis = 0; axis < a.Space.Axes.Count; axis++)
        {
            var values = a.Space.Axes[axis].Values.AsSpan();
            var place = (double)values.BinarySearch(a[axis]) / Math.Max(1, values.Length - 1);
            score -= Math.Pow(place - (0.3 + 0.4 * (axis % 3)), 2);
        }
        return score + 0.02 * CounterRandom.For(9, "roughness", a.Space.IndexOf(a)).NextDouble();
    }

    /// <summary>Over twelve seeds of 300 evaluations each in Table 1's group 3-4G, of 8,597 members whose ranks are known.</summary>
    [Fact]
    public void FindsBetterOnesThanAsManyDraws()
    {
        var all = CandidateSet.Exhaustive(DataResNet.Space, [Paper], 224).All.Select(Likeness).Order().ToArray();
        var (bred, drawn) = (new List<int>(), new List<int>());
        for (var seed = 0; seed < 12; seed++)
        {
            bred.Add(Rank(Evolved(300, seed).All.Max(Likeness)));
            drawn.Add(Rank(CandidateSet.Random(DataResNet.Space, [Paper], 224, 300, seed).All.Max(Likeness)));
        }
        // The best of 300 draws of 8,597 is 29th on average; evolution's is among the first few.
        Assert.InRange(drawn.Average(), 10, 60);
        Assert.True(bred.Average() < drawn.Average() / 3, $"bred: {string.Join(' ', bred)}; drawn: {string.Join(' ', drawn)}");
        Assert.True(bred.Order().ElementAt(6) <= 5, $"bred: {string.Join(' ', bred)}");

        int Rank(double score) => all.Count(s => s > score) + 1;
    }

    /// <summary>
    /// By real scores of a supernet: with a quarter of the evaluations a winner that stands among the first of all, for both tasks at once.
    /// </summary>
    [Fact]
    public void FindsWhatRankingAllFinds()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(8, 16);
        SearchTask[] tasks = [SearchTask.Classification, SearchTask.Segmentation];
        var budget = Budget.Parse("200-400K");
        var all = CandidateSet.Exhaustive(Tiny.Space, [budget], 16).All;
        var scores = Recorded.Walk(networks, images, all, tasks: tasks)
            .ToDictionary(s => s.Key, s => ImageUnits.Scores(s.Value, tasks.Length));
        var found = new Evolution(Tiny.Space, [budget], 16, tasks.Length, all.Count / 4, seed: 0).Rounds(a => scores[a]).Last().All;
        Assert.Equal(all.Count / 4, found.Count);
        for (var task = 0; task < tasks.Length; task++)
        {
            var best = found.Max(a => scores[a][task]);
            Assert.InRange(all.Count(a => scores[a][task] > best), 0, all.Count / 50);
        }
    }

    [Fact]
    public void RoundsGrowStayWithinTheirBudgetsAndRepeat()
    {
        Budget[] budgets = [Budget.Parse("100-120M"), Budget.Parse("110-130M and params<=2M")];
        var asked = new HashSet<Architecture>();
        var rounds = Rounds(seed: 5);
        Assert.Equal(10, rounds.Count);
        foreach (var (before, after) in rounds.Zip(rounds.Skip(1))) Assert.Subset(after.All.ToHashSet(), before.All.ToHashSet());
        // Never asked for a score that is not there yet.
        Assert.Subset(rounds[^2].All.ToHashSet(), asked);
        Assert.All(budgets, b => Assert.All(rounds[^1].Groups[b], a => Assert.True(b.Contains(a, 32) && Vast.Space.IsOnGrid(a))));
        Assert.All(budgets, b => Assert.True(rounds[^1].Groups[b].Count >= 100));
        Assert.InRange(rounds[^1].All.Count, 101, 200);
        Assert.Equal(rounds[^1].All, Rounds(seed: 5)[^1].All);
        Assert.NotEqual(rounds[^1].All, Rounds(seed: 6)[^1].All);

        List<CandidateSet> Rounds(long seed) => [.. new Evolution(Vast.Space, budgets, 32, tasks: 2, perBudget: 100, seed).Rounds(a =>
        {
            asked.Add(a);
            return [Likeness(a), -Likeness(a)];
        })];
    }

    /// <summary>A budget with fewer members than may be scored is found whole, and then it ends.</summary>
    [Fact]
    public void ASmallBudgetIsFoundWhole()
    {
        var budget = Budget.Parse("200-250K");
        var all = CandidateSet.Exhaustive(Tiny.Space, [budget], 16).All;
        Assert.Equal(all, new Evolution(Tiny.Space, [budget], 16, tasks: 1, all.Count + 50, seed: 1).Rounds(a => [Likeness(a)]).Last().All);
    }

    private static CandidateSet Evolved(int candidates, long seed) =>
        new Evolution(DataResNet.Space, [Paper], 224, tasks: 1, candidates, seed).Rounds(a => [Likeness(a)]).Last();
}
