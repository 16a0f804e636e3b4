using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Search.Results;

/// <summary>
/// What choosing by a score was worth within a budget: what the winner is ahead of a subnet taken blindly, and what it is behind the best.
/// </summary>
/// <remarks>
/// Intervals are of 95 %, over draws of the test images with replacement, the same for all subnets: they are of these subnets, and say what
/// other test images may show. The best of several on the same images is ahead by chance too: <see cref="BestLessWinner"/> is bounded by
/// what all differences take at once, so that it holds whichever is the best.
/// </remarks>
/// <param name="Task">Whose score chose.</param>
/// <param name="Budget">Text of the budget.</param>
/// <param name="Subnets">How many were within it.</param>
/// <param name="Winner">The one of the highest score.</param>
/// <param name="Best">The one of the highest accuracy.</param>
/// <param name="WinnerLessMean">Accuracy of the winner less the mean of all within the budget; not a number where there is one
/// alone.</param>
/// <param name="BestLessWinner">The highest accuracy less the winner's; not a number where there is one alone.</param>
public sealed record StudyRegret(
    string Task, string Budget, int Subnets, string Winner, string Best, Estimate WinnerLessMean, Estimate BestLessWinner)
{
    /// <summary>Compares the subnets of a budget.</summary>
    /// <param name="members">Each with its score, and which of the test images were named rightly.</param>
    /// <param name="seed">Of the draws.</param>
    public static StudyRegret Of(
        string task, string budget, IReadOnlyList<(string Architecture, double Score, bool[] Right)> members, long seed)
    {
        var winner = members.MaxBy(m => m.Score);
        var best = members.MaxBy(m => m.Right.Count(right => right));
        if (members.Count < 2)
            return new(
                task, budget, members.Count, winner.Architecture, best.Architecture, new(double.NaN, double.NaN, double.NaN),
                new(double.NaN, double.NaN, double.NaN));
        using var scope = NewDisposeScope();
        using var bootstrap = new Bootstrap(winner.Right.Length, seed);
        var all = tensor(members.SelectMany(m => m.Right.Select(right => right ? 1f : 0f)).ToArray(), members.Count, winner.Right.Length);
        var own = tensor(Array.ConvertAll(winner.Right, right => right ? 1f : 0f), 1, winner.Right.Length);
        var (ahead, behind) = (own - all.mean([0L], keepdim: true), all - own);
        var (gain, lost) = (ahead.mean().item<float>(), behind.mean([1L]).max().item<float>());
        // Where no image differs from the others in this, one that was not seen may (see PairedDifference).
        var least = Proportion.Z * Bootstrap.Widening(winner.Right.Length) / winner.Right.Length;
        var chances = Sorted(bootstrap.Chances(ahead));
        var reach = Math.Max(least, Quantile.Of(Sorted(bootstrap.Chances(behind).abs().amax([0L])), Bootstrap.Confidence));
        return new(
            task, budget, members.Count, winner.Architecture, best.Architecture,
            new(
                gain, Math.Max(-1, gain + Math.Min(-least, Quantile.Of(chances, (1 - Bootstrap.Confidence) / 2))),
                Math.Min(1, gain + Math.Max(least, Quantile.Of(chances, (1 + Bootstrap.Confidence) / 2)))),
            new(lost, Math.Max(0, lost - reach), Math.Min(1, lost + reach)));

        static float[] Sorted(Tensor values) => [.. values.data<float>().ToArray().Order()];
    }
}
