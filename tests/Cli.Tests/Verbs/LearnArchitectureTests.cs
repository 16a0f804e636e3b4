using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>Runs that learn their architecture (<c>train --learn-architecture</c>) from the command line.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class LearnArchitectureTests(TrainedRun run)
{
    [Theory]
    [InlineData("darts")]
    [InlineData("proxyless")]
    public void It_ends_with_an_architecture_within_the_budget_that_trains_by_itself_and_is_emitted(string rule)
    {
        var home = run.NewFolder();
        var trained = Command.Succeed(
            [
                .. Train(home), "--learn-architecture", rule, "--budget", "<=2.4M", "--held-out", "0.3", "--epochs", "4",
                // So few updates are much of chance, whose course is the processor's: what is asked here is that costs count.
                "--cost-weight", "20", "--report-every", "0",
            ]);
        var file = Path.Combine(home, ArchitectureFile.FileName);
        var lines = File.ReadAllLines(file);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(
            $"# Demo, learnt by {rule} under simclr: the likeliest within <=2.4M, probability ", lines[0], StringComparison.Ordinal);
        var space = DataSsl.Spaces.Demo.Space;
        var architecture = space.Parse(lines[1]);
        Assert.True(space.IsOnGrid(architecture));
        Assert.InRange(space.Macs(architecture, 32), 0, 2_400_000);
        Assert.Contains($"architecture: {architecture}", trained.Output, StringComparison.Ordinal);
        // A quarter of 20 steps is warm-up.
        var updates = rule == "darts" ? 15 : 3;
        Assert.Contains(
            $"{updates} updates of the architecture's choices in this run: what it ends in will be much of chance", trained.Error,
            StringComparison.Ordinal);
        Assert.Contains("entropy stem.width 1.00 ", trained.Error, StringComparison.Ordinal);

        var log = File.ReadAllLines(Path.Combine(home, MetricsLog.FileName)).Select(line => (JsonObject)JsonNode.Parse(line)!).ToList();
        Assert.All(log, entry => Assert.InRange((double)entry["entropy/stage3.depth"]!, 0, 1 + 1e-9));
        Assert.Equal(space.Axes.Count, log[^1].Count(value => value.Key.StartsWith("entropy/", StringComparison.Ordinal)));
        Assert.Null(log[0]["loss/held-out"]);
        Assert.True((double)log[^1]["loss/held-out"]! > 0);
        Assert.True((double)log[^1]["macs"]! < (double)log[0]["macs"]!);

        // What it says to do next, for an epoch.
        const string command = "next: datassl ";
        var next = Words(trained.Output.Split('\n').Single(line => line.StartsWith(command, StringComparison.Ordinal))[command.Length..]);
        Command.Succeed([.. next, "--epochs", "1", "--threads", "1"]);
        Assert.Contains(
            architecture.ToString(), Command.Succeed("train", "--resume", "--out", next[^1], "--arch", file, "--threads", "1").Output);
        // The supernet's slice, and the one that was trained by itself.
        foreach (var checkpoint in new[] { home, next[^1] })
        {
            var folder = run.NewFolder();
            Command.Succeed(
                "emit", "--threads", "1", "--checkpoint", checkpoint, "--arch", file, "--name", "Learnt", "--images", "4",
                "--data", run.Data, "--out", folder);
            Assert.Contains(architecture.ToString(), File.ReadAllText(Path.Combine(folder, "Learnt.cs")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Its_recipe_gives_it_again_to_the_bit_and_it_goes_on_where_it_was_stopped()
    {
        var (home, again) = (run.NewFolder(), run.NewFolder());
        Command.Succeed([.. Train(home), "--learn-architecture", "darts", "--budget", "2-2.4M", "--epochs", "2"]);
        Command.Succeed("train", "--recipe", Path.Combine(home, "run.recipe.yaml"), "--threads", "1", "--out", again);
        foreach (var name in new[] { ArchitectureFile.FileName, "train.json" })
            Assert.Equal(File.ReadAllText(Path.Combine(home, name)), File.ReadAllText(Path.Combine(again, name)));
        string[] resume = ["train", "--resume", "--out", home, "--threads", "1"];
        Assert.Contains("nothing to train", Command.Succeed([.. resume, "--budget", "2-2.4M", "--learn-architecture", "darts"]).Output);
        Assert.Contains("has 2-2.4M", Command.Refuse([.. resume, "--budget", "<=3M"]));
        Assert.Contains("has darts", Command.Refuse([.. resume, "--learn-architecture", "proxyless"]));
    }

    [Fact]
    public void A_plan_counts_what_judges_architectures()
    {
        var plain = Plan();
        var learning = Plan("--learn-architecture", "proxyless", "--held-out", "0.3");
        Assert.True((long)learning["steps"]! < (long)plain["steps"]!);
        Assert.True((long)learning["macsPerImage"]! > (long)plain["macsPerImage"]!);

        JsonObject Plan(params string[] more) => Command.Succeed(
            [
                "plan", "--space", "Demo", "--objective", "simclr", "--data", run.LabelledSets().Train, "--size", "32", "--batch", "4",
                "--max-first", "0", "--threads", "1", "--epochs", "2", "--probe", "0.2", "--json", .. more,
            ]).Json;
    }

    [Theory]
    [InlineData("--learn-architecture darts --arch Max", "--learn-architecture goes with a supernet; --arch trains one architecture")]
    [InlineData("--arch Max --budget <=2M", "--budget goes with a supernet; --arch trains one architecture")]
    [InlineData("--budget <=2M", "--budget goes with --learn-architecture")]
    [InlineData("--learn-architecture gdas", "--learn-architecture gdas: give Darts or Proxyless")]
    [InlineData("--learn-architecture darts --budget <=1K", "no architecture of Demo at 32 pixels is within it; their MACs are ")]
    [InlineData("--learn-architecture darts --budget latency<=2ms", "latency has no closed form to differentiate")]
    [InlineData("--learn-architecture darts --budget memory<=2M", "memory has no closed form to differentiate")]
    [InlineData("--learn-architecture darts --budget cheap", "'cheap' is not a budget")]
    [InlineData("--learn-architecture darts --held-out 0.1", "fewer than two batches of 4")]
    [InlineData("--learn-architecture darts --held-out 0.95", "fewer than a batch of 4")]
    [InlineData("--learn-architecture darts --held-out 1", "--held-out 1")]
    [InlineData("--learn-architecture darts --paths 4", "--paths goes with --learn-architecture proxyless")]
    [InlineData("--learn-architecture proxyless --alpha-order 2", "--alpha-order goes with --learn-architecture darts")]
    [InlineData("--learn-architecture darts --alpha-order 2", "--alpha-order 2: looks a step of sgd ahead, and the optimizer is lars")]
    [InlineData("--learn-architecture darts --rule Released", "--rule Released: draws its students, and darts mixes them")]
    [InlineData("--learn-architecture proxyless --draws lacking", "--draws lacking: learn-architecture draws by its own probabilities")]
    [InlineData("--learn-architecture darts --max-first 0.5", "--alpha-warmup 0.25: ends before the subnets train")]
    public void What_does_not_go_is_refused_in_a_line(string options, string why)
    {
        var home = run.NewFolder();
        Assert.Contains(why, Command.Refuse([.. Train(home), .. options.Split(' ')]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(home));
    }

    [Fact]
    public void A_space_of_one_architecture_has_nothing_to_learn()
    {
        var file = run.File("single.space.yaml");
        File.WriteAllText(
            file,
            """
            space: Single
            family: resnet-basic
            input: { channels: 3, size: 32 }
            stem: { resolution: low, width: 8 }
            stages:
              - { depth: 1 }
            """);
        Assert.Contains(
            "Single has one architecture alone; train it with --arch 'stem=8 stage1=1'",
            Command.Refuse(
                "--space-file", file, "train", "--space", "Single", "--learn-architecture", "darts", "--data", run.Data, "--batch", "4",
                "--out", run.NewFolder()));
    }

    [Fact]
    public void A_file_for_an_architecture_holds_one()
    {
        var (path, home) = (run.File("two.txt"), run.NewFolder());
        File.WriteAllText(path, "# a list\nMax\nMin\n");
        Assert.Contains("holds not one architecture", Command.Refuse([.. Train(home), "--arch", path]));
        Assert.Contains("no such file", Command.Refuse([.. Train(home), "--arch", run.File("none.txt")]));
        File.WriteAllText(path, "#1\n");
        Assert.Contains(
            DataSsl.Spaces.Demo.Space.FromIndex(1).ToString(),
            Command.Succeed("cost", "--space", "Demo", "--arch", path, "--size", "32").Output);
    }

    private string[] Train(string home) =>
    [
        "train", "--space", "Demo", "--objective", "simclr", "--data", run.LabelledSets().Train, "--size", "32", "--batch", "4",
        "--compute", "float32", "--threads", "1", "--out", home,
    ];

    /// <summary>The words of a command as a shell has them.</summary>
    private static List<string> Words(string command)
    {
        var (words, quoted) = (new List<string>(), command.Split('\''));
        for (var i = 0; i < quoted.Length; i++)
            words.AddRange(i % 2 == 1 ? [quoted[i]] : quoted[i].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return words;
    }
}
