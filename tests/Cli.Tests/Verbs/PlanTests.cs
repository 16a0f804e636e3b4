using System.Text.Json.Nodes;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>What <c>plan</c> foretells, against the closed forms and a run of the same options.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class PlanTests(TrainedRun run)
{
    private string[] Options(string verb, string folder) =>
        [
            verb, "--space", "Small32", "--data", run.Data, "--size", "32", "--batch", "4", "--epochs", "2", "--hidden", "16", "--compute",
            "float32", "--out", folder,
        ];

    [Fact]
    public void The_plan_is_kept_and_the_run_compares_itself_with_it()
    {
        var folder = run.NewFolder();
        var plan = Command.Succeed([.. Options("plan", folder), "--probe", "0.5", "--json"]).Json;
        var kept = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "plan.json")))!.AsObject();
        Assert.True(kept.Remove("seal"));
        Assert.Equal(kept.ToJsonString(), plan.ToJsonString());
        // Nothing of the trial stays.
        Assert.Equal(["plan.json"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));

        var train = Command.Succeed(Options("train", folder));
        Assert.Matches(@"planned \S+ and \d+ MiB; took \S+ \([+-]?\d+ %\) and \d+ MiB", train.Output);
        var images = Directory.GetFiles(run.Data, "*", SearchOption.AllDirectories).Length;
        Assert.Equal(2 * (images / 4), (long)plan["steps"]!);
        // Two checkpoints are kept and a third is written beside them.
        Assert.Equal(3 * new FileInfo(Path.Combine(folder, CheckpointFolder.NewestFile)).Length, (long)plan["diskBytes"]!, 100.0);
        Assert.True(
            (double)plan["secondsPerStep"]! > 0 && (double)plan["seconds"]! >= (long)plan["steps"]! * (double)plan["secondsPerStep"]!);
        // Max by the teacher once, and three times over by a student, which is Max in every fourth step and otherwise a draw no larger than
        // Max and no smaller than Min.
        var (min, max) = (Macs("Min"), Macs("Max"));
        Assert.InRange((long)plan["macsPerImage"]!, 1.75 * max + 2.25 * min, 4 * max);

        long Macs(string arch) =>
            (long)Command.Succeed("cost", "--space", "Small32", "--arch", arch, "--size", "32", "--json").Json["macs"]!;
    }

    [Fact]
    public void Steps_of_Max_alone_cost_less()
    {
        var max = (long)Command.Succeed("cost", "--space", "Small32", "--arch", "Max", "--size", "32", "--json").Json["macs"]!;
        Assert.Equal((0.99 * 4 * max) + (0.01 * Macs("0")), Macs("0.99"), 0.05 * max);
        Assert.Equal((4 * max + Macs("0")) / 2.0, Macs("0.5"), 0.05 * max);

        long Macs(string share) =>
            (long)Command.Succeed(
                [.. Options("plan", run.NewFolder()), "--max-first", share, "--probe", "0", "--json"]).Json["macsPerImage"]!;
    }

    /// <summary>The verb by itself plans a training, and says the same by its name.</summary>
    [Fact]
    public void A_training_may_be_named()
    {
        string[] asked = [.. Options("plan", run.NewFolder()), "--probe", "0", "--json"];
        var (plain, named) = (Command.Succeed(asked).Json, Command.Succeed(["plan", "train", .. asked[1..]]).Json);
        Assert.Equal((long)plain["macsPerImage"]!, (long)named["macsPerImage"]!);
        Assert.Equal((long)plain["steps"]!, (long)named["steps"]!);
    }

    [Fact]
    public void Mistakes_are_those_of_train()
    {
        Assert.Contains("--batch 5000", Command.Refuse("plan", "--space", "Small32", "--data", run.Data, "--batch", "5000"));
        Assert.Contains("--probe -1", Command.Refuse("plan", "--space", "Small32", "--data", run.Data, "--probe", "-1"));
        Assert.Contains("no-such", Command.Refuse("plan", "--space", "no-such", "--data", run.Data));
    }
}
