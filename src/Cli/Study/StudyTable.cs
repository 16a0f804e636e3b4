using System.Globalization;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Terminal;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>What a study prints.</summary>
internal static class StudyTable
{
    public static void Print(StudyResult result, string method, string folder)
    {
        var tasks = result.Ranking.Tasks;
        Output.Line(
            $"{"MMACs",10}{"M params",10}{string.Concat(tasks.Select(t => $"{t.Name,16}"))}{$"{method} accuracy (95 %)",26}  architecture");
        foreach (var subnet in result.Subnets.OrderByDescending(s => s.Accuracy.Value)) Print(subnet, subnet.Candidate.Architecture);
        Print(result.Max, "Max");
        var accuracies = result.Subnets.Select(s => s.Accuracy).ToList();
        var (spread, width) = (accuracies.Max(a => a.Value) - accuracies.Min(a => a.Value), accuracies.Average(a => (a.High - a.Low) / 2));
        Output.Line(
            $"accuracies of the {result.Subnets.Count:N0} subnets spread over {100 * spread:0.0} points; each is known to {100 * width:0.0} points either way");
        Output.Line($"{"rank correlation with accuracy",-32}{"Spearman (95 %)",26}{"Kendall tau-b (95 %)",26}");
        foreach (var (of, with, _) in result.Agreements) Output.Line($"{of,-32}{Text(with.Spearman),26}{Text(with.KendallTauB),26}");
        Output.Line($"{"with sizes set aside",-32}{"given MACs",26}{"given parameters",26}{"given both",26}");
        foreach (var (of, _, partial) in result.Agreements.Where(a => a.Partial is not null))
            Output.Line($"{of,-32}{string.Concat(partial!.Select(p => $"{Text(p.Spearman),26}"))}");
        Output.Line(
            $"{"what choosing by score is worth",-32}{"subnets",10}{"winner less mean (points)",34}{"best less winner (points)",34}");
        foreach (var r in result.Regrets)
            Output.Line($"{$"{r.Task}, {r.Budget}",-32}{r.Subnets,10:N0}{Points(r.WinnerLessMean),34}{Points(r.BestLessWinner),34}");
        Output.Line($"recorded in {Path.Combine(folder, SubnetStudy.ResultFile)}; the page: {Path.Combine(folder, SearchFiles.Report)}");

        void Print(StudiedSubnet s, string name) =>
            Output.Line(
                $"{s.Candidate.Macs / 1e6,10:0.0}{s.Candidate.Parameters / 1e6,10:0.00}{string.Concat(tasks.Select(t => FormattableString.Invariant($"{s.Candidate.Scores[t.Name],16:0.0000}")))}{AccuracyText.Of(s.Accuracy),26}  {name}");
    }

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
