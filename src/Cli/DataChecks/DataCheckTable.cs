using DataSsl.Cli.Terminal;
using DataSsl.Jobs.DataChecks;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.DataChecks;

/// <summary>What a look at images prints.</summary>
internal static class DataCheckTable
{
    public static void Print(DataCheckResult result)
    {
        foreach (var store in result.Stores)
            Output.Line($"{store.Source.Root}: {Wording.Count(store.Count, "image")} ({store.Source.Layout})");
        foreach (var line in result.Lines()) Output.Line($"  {line}");
        foreach (var line in result.Unreadable.Take(10)) Output.Line($"  {line}");
    }

    /// <summary>What it left.</summary>
    public static void Print(DataCheckFiles files, DataCheckResult result)
    {
        Output.Line($"  pictures: {files.Page}, all names: {files.Record}");
        if (files.List is { } list)
            Output.Line(
                $"  without all these: {list}, {result.Kept.Count:N0} of {Wording.Count(result.Stores[0].Count, "image")}; train with --data {list}");
        else
            Output.Line(
                $"  no {DataCheckFiles.ListName}: {(result.Kept.Count == 0 ? "nothing is left" : "these images have no files of their own")}");
    }
}
