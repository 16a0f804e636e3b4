using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>A subnet whose figure with labels is set beside its score without.</summary>
/// <param name="Value">The figure: accuracy, AP or mIoU, from 0 to 1.</param>
/// <param name="Chances">How far each draw of the test images takes it from there (<see cref="Bootstrap"/>), the same draws for
/// all.</param>
public sealed record StudyMember(string Architecture, double Score, double Value, float[] Chances);

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
/// <param name="Best">The one of the highest figure.</param>
/// <param name="WinnerLessMean">The winner's figure less the mean of all within the budget; not a number where there is one
/// alone.</param>
/// <param name="BestLessWinner">The highest figure less the winner's; not a number where there is one alone.</param>
public sealed record StudyRegret(
    string Task, string Budget, int Subnets, string Winner, string Best, Estimate WinnerLessMean, Estimate BestLessWinner)
{
    /// <summary>Compares the subnets of a budget.</summary>
    /// <param name="images">How many test images there are.</param>
    /// <param name="isShare">Whether the figure is a share of them, each right or wrong.</param>
    public static StudyRegret Of(string task, string budget, IReadOnlyList<StudyMember> members, int images, bool isShare)
    {
        var (winner, best) = (members.MaxBy(m => m.Score)!, members.MaxBy(m => m.Value)!);
        if (members.Count < 2)
            return new(
                task, budget, members.Count, winner.Architecture, best.Architecture, new(double.NaN, double.NaN, double.NaN),
                new(double.NaN, double.NaN, double.NaN));
        var (gain, lost) = (winner.Value - members.Average(m => m.Value), best.Value - winner.Value);
        var (ahead, behind) = (new List<double>(), new List<double>());
        for (var draw = 0; draw < winner.Chances.Length; draw++)
        {
            // A draw that has nothing to reckon a figure from, such as one without an object, has it for nobody.
            if (members.Any(m => float.IsNaN(m.Chances[draw]))) continue;
            ahead.Add(winner.Chances[draw] - members.Average(m => (double)m.Chances[draw]));
            behind.Add(members.Max(m => Math.Abs((double)m.Chances[draw] - winner.Chances[draw])));
        }
        if (ahead.Count == 0)
            return new(
                task, budget, members.Count, winner.Architecture, best.Architecture, new(gain, double.NaN, double.NaN),
                new(lost, double.NaN, double.NaN));
        double[] chances = [.. ahead.Order()];
        // Where no image differs from the others in this, one that was not seen may (see PairedDifference), by all that it counts. Of AP
        // and mIoU an image seldom brings so much, and where any of them differ, the draws tell how much.
        var least = isShare || behind.TrueForAll(one => one == 0) ? Proportion.Z * Bootstrap.Widening(images) / images : 0;
        var reach = Math.Max(least, Quantile.Of([.. behind.Order()], Bootstrap.Confidence));
        return new(
            task, budget, members.Count, winner.Architecture, best.Architecture,
            new(
                gain, Math.Max(-1, gain + Math.Min(-least, Quantile.Of(chances, (1 - Bootstrap.Confidence) / 2))),
                Math.Min(1, gain + Math.Max(least, Quantile.Of(chances, (1 + Bootstrap.Confidence) / 2)))),
            new(lost, Math.Max(0, lost - reach), Math.Min(1, lost + reach)));
    }
}
