using DataSsl.Search.Candidates;
using DataSsl.Search.Walk;

namespace DataSsl.Search;

/// <summary>What a way of searching would cost.</summary>
/// <param name="Name">exhaustive, or random with the number drawn from each budget.</param>
/// <param name="PerBudget">As <c>--candidates</c> takes it; null for all.</param>
/// <param name="MacsPerImage">Of the walk: every shared prefix once.</param>
/// <param name="OneByOneMacsPerImage">Of the same candidates one after the other.</param>
public sealed record SearchPlan(string Name, int? PerBudget, int Candidates, long MacsPerImage, long OneByOneMacsPerImage, double Seconds)
{
    /// <summary>Ways to search budgets, the most thorough first: all candidates, then draws of fewer and fewer.</summary>
    /// <param name="rate">Multiply-accumulates a second (<see cref="WalkProbe"/>).</param>
    public static IReadOnlyList<SearchPlan> Of(CandidateSet all, Func<int, CandidateSet> draw, BlockMacs macs, int images, double rate)
    {
        var most = all.Groups.Values.Max(g => g.Count);
        return [Of("exhaustive", null, all), .. new[] { 10_000, 1_000, 100, 10 }.Where(n => n < most).Select(n => Of($"random {n} a budget", n, draw(n)))];

        SearchPlan Of(string name, int? perBudget, CandidateSet set)
        {
            var trie = macs.OfTrie(set.All);
            return new(name, perBudget, set.All.Count, trie, macs.OneByOne(set.All), (double)trie * images / rate);
        }
    }

    /// <summary>The most thorough that ends in time; the shortest where none does.</summary>
    public static SearchPlan Pick(IReadOnlyList<SearchPlan> plans, double seconds) => plans.FirstOrDefault(p => p.Seconds <= seconds) ?? plans.MinBy(p => p.Seconds)!;
}
