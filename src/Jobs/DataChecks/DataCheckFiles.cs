using DataSsl.Runtime.Storage;

namespace DataSsl.Jobs.DataChecks;

/// <summary>What a look at images leaves for people and for the next command.</summary>
/// <param name="Page">Pictures of what was found.</param>
/// <param name="Record">All names.</param>
/// <param name="List">The images without what was found; null where nothing is left, or they have no files of their own.</param>
internal sealed record DataCheckFiles(string Page, string Record, string? List)
{
    public const string ListName = "clean.txt";
    private const string PageName = "data-check.html", RecordName = "data-check.json";

    /// <summary>Writes the page, the record and the list of what is kept.</summary>
    public static DataCheckFiles Write(DataCheckResult result, string folder)
    {
        var clean = result.Kept.Count == 0 ? null : result.ListFor(folder);
        var files = new DataCheckFiles(
            Path.Combine(folder, PageName), Path.Combine(folder, RecordName), clean is null ? null : Path.Combine(folder, ListName));
        AtomicFile.WriteText(files.Page, DataCheckPage.Render(result));
        AtomicFile.WriteText(files.Record, IndentedJson.Of(result.Json()) + "\n");
        if (files.List is { } list) AtomicFile.WriteText(list, clean!);
        return files;
    }
}
