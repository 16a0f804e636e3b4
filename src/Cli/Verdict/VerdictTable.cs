using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Verdict;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Verdict;

/// <summary>What a verdict prints.</summary>
internal static class VerdictTable
{
    public static void Print(VerdictReport verdict, string page)
    {
        Output.Line($"{"",-30}{string.Concat(verdict.Columns.Select(c => $"{c.Name,24}"))}");
        foreach (var row in verdict.Rows)
        {
            Output.Line(
                $"{row.Name,-30}{string.Concat(row.Figures.Select(f => FormattableString.Invariant($"{$"{100 * f.Accuracy:0.0} %",24}")))}");
            if (row.Role != "winner")
                Output.Line(
                    $"{"  winner ahead by (95 %)",-30}{string.Concat(row.Figures.Select(f => $"{Points(f.WinnerAhead!.Value),24}"))}");
        }
        Output.Line($"{"",-30}{"MMACs",12}{"M params",12}{"latency",12}{"weights",12}  architecture");
        foreach (var row in verdict.Rows)
            Output.Line(
                $"{row.Name,-30}{row.Macs / 1e6,12:0.0}{row.Parameters / 1e6,12:0.00}{FormattableString.Invariant($"{1e3 * row.Latency:0.00} ms"),12}{FormattableString.Invariant($"{row.WeightBytes / 1048576.0:0.0} MiB"),12}  {row.Architecture}, {row.Size} px");
        Output.Line($"{verdict.Sentence}");
        Output.Line($"  {VerdictText.Decided(verdict)}");
        if (verdict.LeftOut is { } missing) Output.Line($"  {missing}");
        Output.Line($"recorded in {Path.Combine(Path.GetDirectoryName(page)!, VerdictReportJson.FileName)}; the page: {page}");
    }

    private static string Points(Estimate e) =>
        FormattableString.Invariant($"{100 * e.Value:+0.0;-0.0;0.0} ({100 * e.Low:0.0} to {100 * e.High:0.0})");
}
