using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>What the tasks' scores say: fronts, spreads, and how alike the tasks rank.</summary>
/// <param name="scores">[task][candidate]; NaN where there is none.</param>
internal sealed class TaskRankings(double[][] scores, IReadOnlyList<BudgetGroup> groups)
{
    private static readonly double[] Shares = [1, 0.75, 0.5, 0.25, 0];

    /// <summary>
    /// Rank of a candidate among a group's members for a task, from 1; equals share the best one. Null where it has no score.
    /// </summary>
    public int? Rank(int candidate, int task, BudgetGroup group) =>
        double.IsFinite(scores[task][candidate]) ? 1 + group.Members.Count(i => scores[task][i] > scores[task][candidate]) : null;

    /// <summary>Exact Pareto fronts: [task][measure][group] -> positions.</summary>
    /// <param name="costs">[measure][candidate].</param>
    public int[][][][] Fronts(double[][] costs) =>
        [.. scores.Select(task => costs.Select(cost => groups.Select(g => ParetoFront.Of(cost, task, g.Members)).ToArray()).ToArray())];

    /// <summary>[task][group] -> the best score, quartiles, the worst; null where nothing is scored.</summary>
    public double[]?[][] Spreads() => [.. scores.Select(task => groups.Select(g => Spread(task, g)).ToArray())];

    /// <summary>Spearman between tasks: [group][task][task]; null where it is not defined.</summary>
    public double?[][][] Similarities() => [.. groups.Select(Similarities)];

    /// <summary>[task][group] -> position of the best candidate; null where nothing is scored.</summary>
    public int?[][] Best() =>
        [
            .. scores.Select(
                task =>
                    groups.Select(g => g.Members.Where(i => double.IsFinite(task[i])).Select(i => (int?)i).MaxBy(i => task[i!.Value]))
                        .ToArray()),
        ];

    private double?[][] Similarities(BudgetGroup group)
    {
        var matrix = scores.Select(_ => new double?[scores.Length]).ToArray();
        for (var a = 0; a < scores.Length; a++)
            for (var b = 0; b <= a; b++)
                matrix[a][b] = matrix[b][a] = Similarity(scores[a], scores[b], group);
        return matrix;
    }

    private static double[]? Spread(double[] task, BudgetGroup group)
    {
        double[] sorted = [.. group.Members.Select(i => task[i]).Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? null : [.. Shares.Select(share => sorted[(int)Math.Round(share * (sorted.Length - 1))])];
    }

    private static double? Similarity(double[] left, double[] right, BudgetGroup group)
    {
        var both = group.Members.Where(i => double.IsFinite(left[i]) && double.IsFinite(right[i])).ToList();
        var rho = RankCorrelation.Spearman([.. both.Select(i => left[i])], [.. both.Select(i => right[i])]);
        return double.IsFinite(rho) ? rho : null;
    }
}
