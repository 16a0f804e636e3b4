using System.Globalization;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Study;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>What a study prints.</summary>
internal static class StudyTable
{
    /// <summary>Of the first column of the tables after the first.</summary>
    private const int LeastWidth = 32;

    public static void Print(StudyResult result, string folder)
    {
        var (tasks, figure, agreements, regrets) = (result.Ranking.Tasks, result.Measure.Figure, result.Agreements, result.Regrets);
        Output.Line(
            $"{"MMACs",10}{"M params",10}{string.Concat(tasks.Select(t => $"{t.Name,16}"))}{$"{result.Measure.Method} {figure} (95 %)",26}  architecture");
        foreach (var subnet in result.Subnets.OrderByDescending(s => s.Value)) Print(subnet, subnet.Candidate.Architecture);
        Print(result.Max, "Max");
        var measured = result.Subnets.Select(s => s.Outcome.Value).ToList();
        var (spread, width) = (measured.Max(a => a.Value) - measured.Min(a => a.Value), measured.Average(a => (a.High - a.Low) / 2));
        Output.Line(
            $"{figure} of the {result.Subnets.Count:N0} subnets spreads over {100 * spread:0.0} points; each is known to {100 * width:0.0} points either way");
        if (spread == 0) Output.Line($"{figure} is the same for all, and nothing can foretell it: train longer, or test on more images");
        var names = agreements.Select(a => a.Of).Concat(regrets.Select(Name)).ToList();
        var first = Math.Max(LeastWidth, names.Max(name => name.Length) + 1);
        Output.Line($"{$"rank correlation with {figure}".PadRight(first)}{"Spearman (95 %)",26}{"Kendall tau-b (95 %)",26}");
        foreach (var (of, with, _) in agreements)
            Output.Line($"{of.PadRight(first)}{Text(with.Spearman),26}{Text(with.KendallTauB),26}");
        Output.Line($"{"with sizes set aside".PadRight(first)}{"given MACs",26}{"given parameters",26}{"given both",26}");
        foreach (var (of, _, partial) in agreements.Where(a => a.Partial is not null))
            Output.Line($"{of.PadRight(first)}{string.Concat(partial!.Select(p => $"{Text(p.Spearman),26}"))}");
        Output.Line(
            $"{"what choosing by score is worth".PadRight(first)}{"subnets",10}{"winner less mean (points)",34}{"best less winner (points)",34}");
        foreach (var r in regrets)
            Output.Line($"{Name(r).PadRight(first)}{r.Subnets,10:N0}{Points(r.WinnerLessMean),34}{Points(r.BestLessWinner),34}");
        Output.Line($"recorded in {Path.Combine(folder, StudyJob.ResultFile)}; the page: {Path.Combine(folder, SearchFiles.Report)}");

        void Print(StudiedSubnet s, string name) =>
            Output.Line(
                $"{s.Candidate.Macs / 1e6,10:0.0}{s.Candidate.Parameters / 1e6,10:0.00}{string.Concat(tasks.Select(t => FormattableString.Invariant($"{s.Candidate.Scores[t.Name],16:0.0000}")))}{DenseScores.Text(s.Outcome.Value),26}  {name}");
    }

    private static string Name(StudyRegret regret) => $"{regret.Task}, {regret.Budget}";

    private static string Points(Estimate e) => Text(e, 100, "0.0", "one alone");

    private static string Text(Estimate e) => Text(e, 1, "0.00", "one does not vary");

    private static string Text(Estimate e, double by, string form, string none)
    {
        return !double.IsFinite(e.Value)
            ? none
            : double.IsFinite(e.Low)
            ? $"{Number(e.Value)} ({Number(e.Low)} to {Number(e.High)})"
            : $"{Number(e.Value)} (of too few)";

        string Number(double value) => (by * value).ToString(form, CultureInfo.InvariantCulture);
    }
}
