using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class ReportTests(TrainedRun run)
{
    [Fact]
    public void ThePageIsMadeAgain()
    {
        var folder = run.NewFolder();
        Assert.Equal($"report: {Path.Combine(folder, "report.html")}\n", Command.Succeed("report", "--search", run.SearchFolder, "--out", folder).Output);
        Assert.Equal(File.ReadAllText(Path.Combine(run.SearchFolder, "report.html")), File.ReadAllText(Path.Combine(folder, "report.html")));
    }

    [Fact]
    public void ARunsCurvesAreTaken()
    {
        var (folder, metrics) = (run.NewFolder(), run.NewFolder());
        JsonLines.Append(metrics, new() { ["step"] = 1, ["loss"] = 2.5 });
        JsonLines.Append(metrics, new() { ["step"] = 2, ["loss"] = 1.5 });
        Command.Succeed("report", "--search", run.Result, "--metrics", metrics, "--out", folder, "--json");
        Assert.Equal("""[{"name":"loss","steps":[1,2],"values":[2.5,1.5]}]""", ReportPage.Data(folder)["curves"]!.ToJsonString());
    }

    [Fact]
    public void BadInputIsOneLineAndLeavesNothing()
    {
        var (folder, foreign) = (run.NewFolder(), run.NewFolder());
        Edited.File(run.Result, foreign, result => result["space"] = "Unknown");
        Assert.StartsWith("--search is missing", Command.Refuse("report", "--out", folder));
        Assert.StartsWith("nowhere.json: there is no such file", Command.Refuse("report", "--search", "nowhere.json", "--out", folder));
        Assert.StartsWith("nowhere: there is no such file; training writes it", Command.Refuse("report", "--search", run.Result, "--metrics", "nowhere", "--out", folder));
        Assert.Contains("'Unknown'", Command.Refuse("report", "--search", foreign, "--out", folder));
        Assert.False(Directory.Exists(folder));
    }
}
