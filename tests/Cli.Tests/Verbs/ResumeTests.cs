using System.Text.Json.Nodes;
using DataSsl.Cli.Recipes;
using DataSsl.Jobs.Recipes;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>What a run that goes on takes from its command line.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ResumeTests(TrainedRun run)
{
    private string[] Beginning(string folder) =>
        [
            "train", "--space", "Small32", "--data", run.Data, "--objective", "byol", "--hidden", "16", "--dimension", "8", "--epochs", "2",
            "--batch", "8", "--compute", "float32", "--rate", "0.05", "--warmup", "0", "--threads", "1", "--out", folder,
        ];

    [Fact]
    public void What_decides_the_weights_is_refused_unless_the_run_has_it_so()
    {
        var folder = run.NewFolder();
        Command.Succeed(Beginning(folder));
        var before = File.ReadAllBytes(Path.Combine(folder, CheckpointFolder.NewestFile));
        (string Option, string Value, string Own)[] others =
        [
            ("--batch", "4", "has 8"), ("--rate", "9", "has 0.05"), ("--seed", "7", "has 0"), ("--size", "64", "has 32"),
            ("--objective", "moco-v2", "has byol"), ("--hidden", "17", "has 16"),
            ("--temperature", "0.1", "has none"), ("--optimizer", "sgd", "has lars"), ("--arch", "Max", "has none"),
            ("--rule", "Released", "has Single"), ("--views", "sslight-dino-cnn", "has the views "),
            ("--compute", "bfloat16", "has float32"), ("--norm-groups", "2", "has 1"), ("--warmup", "1", "has 0"), ("--clip", "1", "has 0"),
            ("--teacher-momentum", "0.5", "has 0.97"), ("--warmup-rate", "0.01", "has 0"), ("--drop-path", "0.1", "has 0"),
            ("--teacher-architecture", "student", "has Fixed"), ("--draws", "lacking", "has Uniform"),
        ];
        foreach (var (option, value, own) in others)
            Assert.StartsWith(
                $"{option} {value}: the run in {folder} {own}", Command.Refuse("train", "--resume", "--out", folder, option, value));
        Assert.StartsWith(
            $"--epochs 1: the run in {folder} has 2, and a run that goes on can be given more, not fewer",
            Command.Refuse("train", "--resume", "--out", folder, "--epochs", "1"));
        var recipe = run.File("resume.recipe.yaml");
        File.WriteAllText(recipe, "schedule: { batch: 4 }\n");
        Assert.StartsWith("--batch 4: the run in", Command.Refuse("train", "--resume", "--out", folder, "--recipe", recipe));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, CheckpointFolder.NewestFile)));

        // The command that began the run, and the recipe that it left, ask for what it has.
        var again = Command.Succeed([.. Beginning(folder), "--resume"]).Output;
        Assert.StartsWith("nothing to train: Small32 with byol has all of its 4 steps: ", again);
        Assert.StartsWith(
            "nothing to train",
            Command.Succeed(
                "train", "--resume", "--recipe", Path.Combine(folder, RecipeText.FileName), "--views", "byol", "--compute", "auto",
                "--threads", "1", "--out", folder).Output);
        Assert.Equal(0, (int)Command.Succeed([.. Beginning(folder), "--resume", "--json"]).Json["stepsOfThisCommand"]!);
    }

    [Fact]
    public void More_epochs_go_on_by_the_schedules_of_the_longer_run()
    {
        var folder = run.NewFolder();
        Command.Succeed(Beginning(folder));
        var more = Command.Succeed("train", "--resume", "--epochs", "6", "--report-every", "0", "--threads", "1", "--out", folder);
        Assert.StartsWith("trained Small32 with byol for 8 steps, 12 in all: ", more.Output);
        Assert.Contains(
            "6 epochs in the place of 2: from step 5 on all schedules are those of the longer run; the rate goes from ", more.Error);
        Assert.Equal(6, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Trainer.OptionsFile)))!["epochs"]!);
        Assert.Contains("epochs: 6\n", File.ReadAllText(Path.Combine(folder, RecipeText.FileName)));
        var rates = File.ReadLines(Path.Combine(folder, MetricsLog.FileName)).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(entry => (int)entry["step"]!, entry => (double)entry["rate"]!);
        for (var step = 5; step <= 12; step++) Assert.Equal(0.05 * 0.5 * (1 + Math.Cos(Math.PI * (step - 1) / 12)), rates[step], 9);
        // From then on it is a run of six.
        Assert.StartsWith("--epochs 5: ", Command.Refuse("train", "--resume", "--epochs", "5", "--out", folder));
        Assert.StartsWith("nothing to train", Command.Succeed("train", "--resume", "--threads", "1", "--out", folder).Output);
    }
}
