using System.CommandLine;
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
        var json = Options.Json();
        var command = new Command("report", "Make the page of a search again: scores against costs, winners, likeness of rankings, training curves.") { search, metrics, @out, json };
        command.SetAction(parsed =>
        {
            var given = parsed.Required(search);
            var path = Directory.Exists(given) ? Path.Combine(given, SearchVerb.ResultFile) : given;
            var (result, space) = SearchedResult.Read(spaces, path);
            var page = HtmlReport.Render(space, result, Curves(result, parsed.GetValue(metrics)));
            var folder = RunFolder.Take(parsed.GetValue(@out) ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
            var report = Path.Combine(folder, SearchVerb.ReportFile);
            AtomicFile.WriteText(report, page);
            if (parsed.GetValue(json)) Output.Json(new() { ["report"] = report });
            else Output.Line($"report: {report}");
            return 0;
        });
        return command;
    }

    /// <summary>The curves of a run: the one named, or the one whose checkpoint was searched; null where that is not known.</summary>
    public static TrainingCurves? Curves(SearchResult result, string? run = null) =>
        run is not null ? TrainingCurves.Read(run)
        : result.Provenance.GetValueOrDefault("checkpoint") is { } checkpoint ? TrainingCurves.Beside(checkpoint, line => Output.Progress($"{line}"))
        : null;
}
