using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl report</c>: the page of a search again, with what else is known by now.</summary>
internal static class ReportVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search") { Description = "A search.json, or its folder.", HelpName = "FILE" };
        var metrics = new Option<string>("--metrics") { Description = "A run's folder, or its metrics.jsonl, for the training curves. Default: the one beside the searched checkpoint, where there is one.", HelpName = "RUN" };
        var @out = new Option<string>("--out") { Description = $"Folder for {SearchVerb.ReportFile}; made if missing. Default: the search's.", HelpName = "FOLDER" };
        var verdict = new Option<string>("--verdict") { Description = "A verdict.json, or its folder, for the section that says whether the winner is worth having. Default: the one beside the search, where there is one.", HelpName = "FILE" };
        var json = Options.Json();
        var command = new Command("report", "Make the page of a search again: scores against costs, winners, likeness of rankings, training curves.") { search, metrics, verdict, @out, json };
        command.SetAction(parsed =>
        {
            var given = parsed.Required(search);
            var path = Directory.Exists(given) ? Path.Combine(given, SearchVerb.ResultFile) : given;
            var (result, space) = SearchedResult.Read(spaces, path);
            var page = HtmlReport.Render(space, result, Curves(result, parsed.GetValue(metrics)), Verdict(result, Path.GetDirectoryName(Path.GetFullPath(path))!, parsed.GetValue(verdict)));
            var folder = RunFolder.Take(parsed.GetValue(@out) ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
            var report = Path.Combine(folder, SearchVerb.ReportFile);
            AtomicFile.WriteText(report, page);
            if (parsed.GetValue(json)) Output.Json(new() { ["report"] = report });
            else Output.Line($"report: {report}");
            return 0;
        });
        return command;
    }

    /// <summary>The verdict: the one named, or the one in a search's folder; null where there is none. Nobody asked for the latter by name, so one that is damaged, or of another run, is left out.</summary>
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
            Output.Progress($"{e.Message}; left out of the report");
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
        var path = Path.Combine(folder, SearchVerb.ResultFile);
        if (!Path.Exists(path)) return;
        try
        {
            var (result, space) = SearchedResult.Read(spaces, path);
            SearchVerb.WriteReport(space, result, folder);
        }
        catch (UserException e)
        {
            Output.Progress($"{e.Message}; its report stays as it was");
        }
    }

    /// <summary>The curves of a run: the one named, or the one whose checkpoint was searched; null where that is not known. Nobody asked for the latter by name, so those of another run that took its place are left out.</summary>
    public static TrainingCurves? Curves(SearchResult result, string? run = null)
    {
        if (run is not null)
        {
            var named = TrainingCurves.Read(run);
            Check(Directory.Exists(run) ? run : Path.GetDirectoryName(Path.GetFullPath(run))!, run);
            return named;
        }
        if (result.Provenance.GetValueOrDefault("checkpoint") is not { } checkpoint || TrainingCurves.Beside(checkpoint, line => Output.Progress($"{line}")) is not { } curves) return null;
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint))!;
        try
        {
            Check(folder, folder);
            return curves;
        }
        catch (UserException e)
        {
            Output.Progress($"{e.Message}; its curves are left out of the report");
            return null;
        }

        void Check(string folder, string named)
        {
            if (SearchedRun.Problem(result, folder, line => Output.Progress($"{named}: {line}")) is { } problem) throw new UserException($"{named}: {problem}");
        }
    }
}
