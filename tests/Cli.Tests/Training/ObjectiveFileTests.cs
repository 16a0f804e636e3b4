using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Cli.Tests.Training;

/// <summary>An objective is one file: with <see cref="Decorrelation"/>'s alone the program knows it everywhere.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ObjectiveFileTests(TrainedRun run)
{
    [Fact]
    public void The_program_knows_one_that_it_was_not_built_with()
    {
        var help = Command.Succeed("train", "--help").Output;
        Assert.Matches(@"--objective <NAME> +What is learnt: [^\n]*\bdecorrelation\b", help);
        Assert.Matches(
            @"--redundancy <X> +decorrelation: what two channels that say the same count for\. Takes a number from 0 to 10\.", help);

        string[] asked =
        [
            "--space", "Demo", "--objective", "decorrelation", "--data", run.Data, "--size", "32", "--batch", "8", "--threads", "1",
            "--compute", "float32",
        ];
        Assert.StartsWith(
            "--redundancy 11: give a number from 0 to 10",
            Command.Refuse(["train", .. asked, "--out", run.NewFolder(), "--redundancy", "11"]), StringComparison.Ordinal);
        Assert.Equal(
            "--queue does not go with --objective decorrelation, which takes --hidden, --redundancy",
            Command.Refuse(["train", .. asked, "--out", run.NewFolder(), "--queue", "8"]));

        var home = run.NewFolder();
        Command.Succeed(["train", .. asked, "--out", home, "--epochs", "1", "--redundancy", "0.25", "--save-every", "1"]);
        var config = Path.Combine(home, "train.json");
        var objective = Assert.IsType<DecorrelationOptions>(TrainOptions.FromJson(config, File.ReadAllText(config)).Method.Objective);
        Assert.Equal(0.25, objective.Redundancy);
        Command.Succeed("train", "--resume", "--out", home, "--epochs", "2");

        // The run's recipe says its settings by their names, and gives them again.
        var recipe = File.ReadAllText(Path.Combine(home, "run.recipe.yaml"));
        Assert.Contains("name: decorrelation", recipe, StringComparison.Ordinal);
        Assert.Contains("redundancy: 0.25", recipe, StringComparison.Ordinal);
        Command.Succeed("plan", "--recipe", Path.Combine(home, "run.recipe.yaml"), "--out", run.NewFolder());
    }

    [Fact]
    public void A_knob_that_objectives_share_means_the_same_to_all() =>
        Assert.All(ObjectiveKind.All.SelectMany(kind => kind.Knobs).GroupBy(knob => knob.Name), same => Assert.Single(same.Distinct()));
}
