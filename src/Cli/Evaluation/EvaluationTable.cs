using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Evaluation;

/// <summary>What an evaluation prints.</summary>
internal static class EvaluationTable
{
    public static void Print(EvaluationResult result)
    {
        var (of, data) = (result.Of, result.Of.Data);
        Output.Line(
            $"{of.Method.Name} accuracy of {of.Source.Title}: {AccuracyText.Of(result.Accuracy.Top1)}{(result.Accuracy.Top5 is { } five ? $"; top-5 {AccuracyText.Of(five)}" : "")}");
        Output.Line(
            $"  {result.Labelled:N0} labelled of {Wording.Count(data.Train.Count, "training image")}, {Wording.Count(data.Test.Count, "test image")} ({data.Split}), {data.Classes} classes, {of.Source.Size} px; BatchNorm: {result.Norm}");
    }
}
