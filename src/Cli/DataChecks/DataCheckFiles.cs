using DataSsl.Cli.Terminal;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.DataChecks;

/// <summary>What a look at images leaves for people and for the next command.</summary>
internal static class DataCheckFiles
{
    private const string Page = "data-check.html", Record = "data-check.json", List = "clean.txt";

    public static void Print(DataCheckResult result)
    {
        foreach (var store in result.Stores)
            Output.Line($"{store.Source.Root}: {Output.Count(store.Count, "image")} ({store.Source.Layout})");
        foreach (var line in result.Lines()) Output.Line($"  {line}");
        foreach (var line in result.Unreadable.Take(10)) Output.Line($"  {line}");
    }

    /// <summary>Writes the page, the record and the list of what is kept.</summary>
    /// <param name="isQuiet">Whether nothing is said of them.</param>
    public static void Write(DataCheckResult result, string folder, bool isQuiet)
    {
        var (page, record, list) = (Path.Combine(folder, Page), Path.Combine(folder, Record), Path.Combine(folder, List));
        AtomicFile.WriteText(page, DataCheckPage.Render(result));
        AtomicFile.WriteText(record, Output.Text(result.Json()) + "\n");
        var clean = result.Kept.Count == 0 ? null : result.ListFor(folder);
        if (clean is not null) AtomicFile.WriteText(list, clean);
        if (isQuiet) return;
        Output.Line($"  pictures: {page}, all names: {record}");
        if (clean is not null)
            Output.Line(
                $"  without all these: {list}, {result.Kept.Count:N0} of {Output.Count(result.Stores[0].Count, "image")}; train with --data {list}");
        else
            Output.Line($"  no {List}: {(result.Kept.Count == 0 ? "nothing is left" : "these images have no files of their own")}");
    }
}
