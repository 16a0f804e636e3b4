using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Searching;

/// <summary>What a search leaves in its folder: its result, and the page that is made of that and of what else is known.</summary>
internal static class SearchFiles
{
    public const string Result = "search.json";
    public const string Report = "report.html";

    /// <summary>Writes search.json and report.html.</summary>
    public static void Write(SearchSpace space, SearchResult result, string folder)
    {
        SearchResultJson.Write(result, Path.Combine(folder, Result));
        WriteReport(space, result, folder);
    }

    /// <summary>Writes report.html, with what is known beside the search.</summary>
    public static void WriteReport(SearchSpace space, SearchResult result, string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, Report), HtmlReport.Render(space, result, Curves(result), Verdict(result, folder)));

    /// <summary>
    /// The verdict: the one named, or the one in a search's folder; null where there is none. Nobody asked for the latter by name, so one
    /// that is damaged, or of another run, is left out.
    /// </summary>
    public static VerdictReport? Verdict(SearchResult result, string folder, string? named = null)
    {
        if (named is not null) return Read(Directory.Exists(named) ? Path.Combine(named, VerdictReportJson.FileName) : named);
        var path = Path.Combine(folder, VerdictReportJson.FileName);
        if (!Path.Exists(path)) return null;
        try
        {
            return Read(path);
        }
        catch (UserException e)
        {
            Notices.Tell($"{e.Message}; left out of the report");
            return null;
        }

        VerdictReport Read(string file)
        {
            var verdict = VerdictReportJson.Read(file);
            return SearchedRun.Problem(result, verdict) is { } problem ? throw new UserException($"{file}: {problem}") : verdict;
        }
    }

    /// <summary>Makes the page of a folder's search again, where there is one, with what was added to the folder.</summary>
    public static void Renew(SpaceCatalogue spaces, string folder)
    {
        var path = Path.Combine(folder, Result);
        if (!Path.Exists(path)) return;
        try
        {
            var (result, space) = SearchedResult.Read(spaces, path);
            WriteReport(space, result, folder);
        }
        catch (UserException e)
        {
            Notices.Tell($"{e.Message}; its report stays as it was");
        }
    }

    /// <summary>
    /// The curves of a run: the one named, or the one whose checkpoint was searched; null where that is not known. Nobody asked for the
    /// latter by name, so those of another run that took its place are left out.
    /// </summary>
    public static TrainingCurves? Curves(SearchResult result, string? run = null)
    {
        if (run is not null)
        {
            var named = TrainingCurves.Read(run);
            Check(Directory.Exists(run) ? run : Path.GetDirectoryName(Path.GetFullPath(run))!, run);
            return named;
        }
        if (result.Provenance.GetValueOrDefault(Provenance.Checkpoint) is not { } checkpoint
            || TrainingCurves.Beside(checkpoint, line => Notices.Tell($"{line}")) is not { } curves)
            return null;
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint))!;
        try
        {
            Check(folder, folder);
            return curves;
        }
        catch (UserException e)
        {
            Notices.Tell($"{e.Message}; its curves are left out of the report");
            return null;
        }

        void Check(string folder, string named)
        {
            if (SearchedRun.Problem(result, folder, line => Notices.Tell($"{named}: {line}")) is { } problem)
                throw new UserException($"{named}: {problem}");
        }
    }
}
