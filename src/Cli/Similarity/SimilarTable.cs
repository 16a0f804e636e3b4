using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Similarity;

namespace DataSsl.Cli.Similarity;

/// <summary>What an answer of <c>similar</c> prints.</summary>
internal static class SimilarTable
{
    public static void Print(SimilarResult result)
    {
        Output.Line($"{result.Title}");
        Output.Line($"  {result.Note}");
        foreach (var line in result.Lines) Output.Line($"{line}");
    }
}
