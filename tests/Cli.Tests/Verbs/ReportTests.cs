using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class ReportTests(TrainedRun run)
{
    [Fact]
    public void ThePageIsMadeAgain()
    {
        var folder = run.NewFolder();
        Assert.Equal(
            $"report: {Path.Combine(folder, "report.html")}\n",
            Command.Succeed("report", "--search", run.SearchFolder, "--out", folder).Output);
        Assert.Equal(
            File.ReadAllText(Path.Combine(run.SearchFolder, "report.html")), File.ReadAllText(Path.Combine(folder, "report.html")));
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

    /// <summary>
    /// A page that shows another run's verdict or curves as the search's own would lie: what was asked for by name is refused, what lies
    /// beside is left out, and said.
    /// </summary>
    [Fact]
    public void WhatIsOfAnotherRunIsNotShown()
    {
        var (folder, other, page) = (run.NewFolder(), run.NewFolder(), run.NewFolder());
        foreach (var made in new[] { folder, other }) Directory.CreateDirectory(made);
        run.WriteCheckpoint(Path.Combine(other, "checkpoint.safetensors"), seed: 5);
        File.Copy(run.Result, Path.Combine(folder, "search.json"));
        Verdict(run.Run, folder);
        Assert.NotNull(ReportPage.Data(folder)["verdict"]);
        Verdict(other, other);
        var searched = Runtime.Training.Checkpoint.Hash(run.Checkpoint);
        Assert.Equal(
            $"{other}/verdict.json: its winner is of another checkpoint ({Runtime.Training.Checkpoint.Hash(Path.Combine(other, "checkpoint.safetensors"))}) than was searched ({searched})",
            Command.Refuse("report", "--search", folder, "--verdict", other, "--out", page));
        // The class of a winner says which checkpoint it is of.
        var classes = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", other, "--data", run.Data, "--arch", "Min", "--images", "4", "--size", "32", "--forms", "class",
            "--out", classes);
        Verdict(classes, classes);
        Assert.Contains("of another checkpoint", Command.Refuse("report", "--search", folder, "--verdict", classes, "--out", page));

        File.WriteAllText(Path.Combine(other, "metrics.jsonl"), "");
        Assert.Equal(
            $"{other}: another run than was searched: none of its checkpoints is ({searched})",
            Command.Refuse("report", "--search", folder, "--metrics", other, "--out", page));
        Assert.False(Directory.Exists(page));
        var strange = run.NewFolder();
        Edited.File(run.Result, strange, result => result["spaceHash"] = "0123456789abcdef");
        Assert.Contains(
            "of the space Demo as it was then (0123456789abcdef), and now it is another",
            Command.Refuse("report", "--search", strange, "--out", page));

        File.Copy(Path.Combine(other, "verdict.json"), Path.Combine(folder, "verdict.json"), overwrite: true);
        Edited.File(
            Path.Combine(folder, "search.json"),
            result => result["provenance"]!["checkpoint"] = Path.Combine(other, "checkpoint.safetensors"));
        var report = Command.Succeed("report", "--search", folder);
        Assert.Contains("verdict.json: its winner is of another checkpoint", report.Error, StringComparison.Ordinal);
        Assert.Contains("; its curves are left out of the report\n", report.Error, StringComparison.Ordinal);
        Assert.Null(ReportPage.Data(folder)["verdict"]);
        Assert.Empty(ReportPage.Data(folder)["curves"]!.AsArray());

        void Verdict(string winner, string into)
        {
            var (train, test) = run.LabelledSets();
            string[] architecture = winner == into && winner != other ? [] : ["--arch", "Min"];
            Command.Succeed(
                [
                    "verdict", "--winner", winner,.. architecture, "--weights", run.Run, "--data", train, "--test", test, "--size", "32",
                    "--methods", "knn", "--seeds", "1", "--threads", "1", "--out", into,
                ]);
        }
    }

    [Fact]
    public void BadInputIsOneLineAndLeavesNothing()
    {
        var (folder, foreign) = (run.NewFolder(), run.NewFolder());
        Edited.File(run.Result, foreign, result => result["space"] = "Unknown");
        Assert.StartsWith("--search is missing", Command.Refuse("report", "--out", folder));
        Assert.StartsWith("nowhere.json: there is no such file", Command.Refuse("report", "--search", "nowhere.json", "--out", folder));
        Assert.StartsWith(
            "nowhere: there is no such file; training writes it",
            Command.Refuse("report", "--search", run.Result, "--metrics", "nowhere", "--out", folder));
        Assert.Contains("'Unknown'", Command.Refuse("report", "--search", foreign, "--out", folder));
        Assert.False(Directory.Exists(folder));
    }
}
