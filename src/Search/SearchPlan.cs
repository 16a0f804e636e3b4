using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Walk;

namespace DataSsl.Search;

/// <summary>What a way of searching would cost.</summary>
/// <param name="PerBudget">Candidates scored of each budget; null for all, or those of a list.</param>
/// <param name="MacsPerImage">Of the walks: every shared prefix once a walk.</param>
/// <param name="OneByOneMacsPerImage">Of the same candidates one after the other.</param>
public sealed record SearchPlan(
    StrategyKind Strategy, int? PerBudget, int Candidates, long MacsPerImage, long OneByOneMacsPerImage, double Seconds)
{
    /// <summary>Numbers for each budget that are offered, the most thorough first; evolution needs a few generations.</summary>
    public static IReadOnlyList<(StrategyKind Strategy, int PerBudget)> Numbers { get; } =
    [
        (StrategyKind.Evolution, 10_000), (StrategyKind.Random, 10_000), (StrategyKind.Evolution, 1_000), (StrategyKind.Random, 1_000),
        (StrategyKind.Evolution, 100), (StrategyKind.Random, 100), (StrategyKind.Random, 10),
    ];

    /// <summary>
    /// What a strategy would cost. Evolution is run as if the largest were the best, which leads it to the budgets' dear end.
    /// </summary>
    /// <param name="rate">Multiply-accumulates a second (<see cref="WalkProbe"/>).</param>
    /// <param name="tasks">How many tasks there are.</param>
    public static SearchPlan Of(StrategyKind kind, int? perBudget, IStrategy strategy, BlockMacs macs, int tasks, int images, double rate)
    {
        var (walked, done) = (0L, new HashSet<Architecture>());
        foreach (var round in strategy.Rounds(a => [.. Enumerable.Repeat((double)macs.OneByOne([a]), tasks)]))
            walked += macs.OfTrie(round.All.Where(done.Add).ToList());
        return new(kind, perBudget, done.Count, walked, macs.OneByOne(done), (double)walked * images / rate);
    }

    /// <summary>The most thorough that ends in time; the shortest where none does.</summary>
    public static SearchPlan Pick(IReadOnlyList<SearchPlan> plans, double seconds) =>
        plans.FirstOrDefault(p => p.Seconds <= seconds) ?? plans.MinBy(p => p.Seconds)!;
}
