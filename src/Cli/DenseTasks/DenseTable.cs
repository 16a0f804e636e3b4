using DataSsl.Cli.Terminal;
using DataSsl.Dense.Training;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.DenseTasks;

/// <summary>What a detector or segmenter prints.</summary>
internal static class DenseTable
{
    public static void Print(DenseResult result)
    {
        var (of, data) = (result.Of, result.Data);
        var (name, value) = result.Scores.Main[0];
        Output.Line($"{of.Settings.Head.Word()} on {of.Source.Title}: {name} {DenseScores.Text(value)}");
        Print(result.Scores, data.Classes);
        Output.Line(
            $"  {result.Labelled:N0} labelled of {Wording.Count(data.Train.Count, "training image")}, {Wording.Count(data.Test.Count, "test image")} ({data.Split}), {of.Settings.MinSize} to {of.Settings.MaxSize} px, {of.Options(result.Labelled).Steps:N0} steps; BatchNorm: {result.Norm}");
        foreach (var file in result.Files) Output.Line($"  wrote {file}");
    }

    private static void Print(DenseScores scores, IReadOnlyList<string> classes)
    {
        foreach (var (name, value) in scores.Main) Output.Line($"  {name,-15} {DenseScores.Text(value)}");
        if (scores.Best is { } best)
            Output.Line(
                $"  best F1         {100 * best.F1:0.0} %, boxes taken from a score of {best.Score:0.00} on: {100 * best.Precision:0.0} % of them right, {100 * best.Recall:0.0} % of the objects found");
        var width = Math.Max(5, classes.Max(name => name.Length));
        Output.Line($"  {"class".PadRight(width)}  {string.Join("  ", scores.Columns.Select(name => name.PadRight(22)))}");
        foreach (var (number, name) in classes.Index())
            Output.Line(
                $"  {name.PadRight(width)}  {string.Join("  ", scores.ByClass[number].Select(value => DenseScores.Text(value).PadRight(22)))}");
    }
}
