namespace DataSsl.Cli.Tests.Verbs;

/// <summary>A run of one architecture (<c>train --arch</c>) from the command line.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SingleNetworkTests(TrainedRun run)
{
    [Fact]
    public void ItTrainsIsEvaluatedAndEmittedAndHasNothingToSearch()
    {
        var home = run.NewFolder();
        Command.Succeed(
            "train", "--space", "Demo", "--arch", "Middle", "--objective", "simclr", "--data", run.Data, "--size", "32", "--batch", "8",
            "--epochs", "1", "--compute", "float32", "--out", home);
        string[] images = ["--data", run.Data, "--size", "32", "--out", run.NewFolder()];
        foreach (var method in new string[][] { ["knn"], ["linear", "--l2", "0.001"], ["finetune", "--epochs", "1"] })
            Command.Succeed(["evaluate", .. method, "--checkpoint", home, .. images]);
        var folder = run.NewFolder();
        Command.Succeed("emit", "--checkpoint", home, "--name", "Single", "--images", "4", "--size", "32", "--out", folder);
        Assert.True(File.Exists(Path.Combine(folder, "Single.cs")));

        Assert.Contains(
            "alone",
            Command.Refuse(
                "evaluate", "knn", "--checkpoint", home, "--arch", "Max", "--data", run.Data, "--size", "32", "--out", run.NewFolder()));
        var searched = run.NewFolder();
        Assert.Contains(
            "has no subnets to search",
            Command.Refuse(
                "search", "--checkpoint", home, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32", "--out",
                searched));
        Assert.False(Directory.Exists(searched));
    }
}
