using System.Globalization;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Survey;

/// <summary>What a survey prints.</summary>
internal static class SurveyTable
{
    /// <summary>Networks of the first table: the page has them all.</summary>
    private const int Most = 20;

    public static void Print(SurveyReport survey, string folder)
    {
        var of = survey.Methods[0];
        var order = Enumerable.Range(0, survey.Networks.Count).OrderBy(n => of.MeanRanks[n]).ToList();
        var (first, column) = (Math.Max(12, order.Take(Most).Max(n => survey.Networks[n].Name.Length) + 2),
            Math.Max(16, survey.Scenarios.Max(s => s.Name.Length) + 2));
        Output.Line(
            $"{$"{of.Method} accuracy (rank)".PadRight(first)}{"mean rank",10}{"MMACs",10}{"M params",10}{string.Concat(survey.Scenarios.Select(s => s.Name.PadLeft(column)))}");
        foreach (var n in order.Take(Most))
        {
            var network = survey.Networks[n];
            var figures = survey.Scenarios.Select(
                (_, s) => FormattableString.Invariant($"{100 * of.Accuracies[s][n].Value:0.0} ({of.Ranks[s][n]:0.#})"));
            Output.Line(
                $"{network.Name.PadRight(first)}{of.MeanRanks[n],10:0.0}{network.Macs / 1e6,10:0.0}{network.Parameters / 1e6,10:0.000}{string.Concat(figures.Select(f => f.PadLeft(column)))}");
        }
        if (order.Count > Most) Output.Line($"  and {order.Count - Most:N0} more in survey.json and on the page");
        if (of.Pairs.Count > 0)
        {
            var width = of.Pairs.Max(p => p.One.Length + p.Other.Length) + 7;
            Output.Line($"{"scenarios".PadRight(width)}{"Spearman (95 %)",26}{"Pearson (95 %)",26}");
            foreach (var p in of.Pairs) Output.Line($"{$"{p.One}, {p.Other}".PadRight(width)}{Text(p.Spearman),26}{Text(p.Pearson),26}");
            var (hits, pairs) = (of.TopTenth.Sum(row => row.Sum()) - survey.Scenarios.Count, 2 * of.Pairs.Count);
            var chance = SurveyAccuracies.Tenth(order.Count) * pairs / (double)order.Count;
            Output.Line(
                $"the best of one scenario is in the top 10 % of another in {hits:0.#} of {pairs:N0} pairs (by chance {chance:0.#})");
        }
        foreach (var s in of.Slices ?? [])
            Output.Line(
                $"slices foretell {Wording.Count(s.Networks.Count, "network")} trained alone on {s.Scenario}: Spearman {Text(s.Spearman)}, Pearson {Text(s.Pearson)}");
        foreach (var name in survey.LeftOut) Output.Line($"left out: {name}, whose training diverged");
        Output.Line($"{survey.Sentence}");
        Output.Line(
            $"recorded in {Path.Combine(folder, SurveyReportJson.FileName)}; the page: {Path.Combine(folder, SurveyResult.PageFile)}");
    }

    private static string Text(Estimate e)
    {
        return !double.IsFinite(e.Value) ? "one does not vary"
            : double.IsFinite(e.Low) ? $"{Number(e.Value)} ({Number(e.Low)} to {Number(e.High)})"
            : $"{Number(e.Value)} (of too few)";

        static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
    }
}
