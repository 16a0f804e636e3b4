using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Report;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl report</c>: the page of a search again, with what else is known by now.</summary>
internal static class ReportVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search") { Description = "A search.json, or its folder.", HelpName = "FILE" };
        var metrics = new Option<string>("--metrics")
        {
            Description = "A run's folder, or its metrics.jsonl, for the training curves. Default: the one beside the searched checkpoint, "
                + "where there is one.",
            HelpName = "RUN",
        };
        var @out = new Option<string>("--out")
        {
            Description = $"Folder for {SearchFiles.Report}; made if missing. Default: the search's.",
            HelpName = "FOLDER",
        };
        var verdict = new Option<string>("--verdict")
        {
            Description = "A verdict.json, or its folder, for the section that says whether the winner is worth having. Default: the one "
                + "beside the search, where there is one.",
            HelpName = "FILE",
        };
        var json = Options.Json();
        var command = new Command(
            "report",
            "Make the page of a search again: scores against costs, winners, likeness of rankings, training curves.")
            {
                search, metrics, verdict, @out, json,
            };
        command.SetAction(parsed =>
        {
            var given = parsed.Required(search);
            var path = Directory.Exists(given) ? Path.Combine(given, SearchFiles.Result) : given;
            var home = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var (result, space) = SearchedResult.Read(spaces, path);
            var page = HtmlReport.Render(
                space, result, SearchFiles.Curves(result, parsed.GetValue(metrics)),
                SearchFiles.Verdict(result, home, parsed.GetValue(verdict)));
            var folder = RunFolder.Take(parsed.GetValue(@out) ?? home);
            var report = Path.Combine(folder, SearchFiles.Report);
            AtomicFile.WriteText(report, page);
            if (parsed.GetValue(json)) Output.Json(new() { ["report"] = report });
            else Output.Line($"report: {report}");
            return 0;
        });
        return command;
    }
}
