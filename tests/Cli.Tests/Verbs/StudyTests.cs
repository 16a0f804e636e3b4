using System.Text.Json.Nodes;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>A study's figures are those of <c>search</c> and of <c>evaluate</c>, and a stopped one goes on to the same.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class StudyTests(TrainedRun run)
{
    [Fact]
    public void EachSubnetHasTheScoreOfASearchAndTheAccuracyOfAnEvaluation()
    {
        var (train, test) = run.LabelledSets();
        var folder = run.NewFolder();
        var text = Command.Succeed(Arguments(folder, "--subnets", "3", "--task", "classification,segmentation")).Output;
        Assert.Matches(@"\A +MMACs +M params +classification +segmentation +knn accuracy \(95 %\) +architecture\n", text);
        Assert.Matches(@"(?m)^classification score \(z\) +-?\d\.\d\d \(", text);
        var study = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "study.json")))!;
        var subnets = study["subnets"]!.AsArray();
        Assert.Equal(3, subnets.DistinctBy(s => (string)s!["architecture"]!).Count());
        foreach (var subnet in subnets.Append(study["max"]).Select(s => s!.AsObject()))
        {
            var evaluated = Command.Succeed(
                "evaluate", "knn", "--checkpoint", run.Run, "--arch", (string)subnet["architecture"]!, "--data", train, "--test", test,
                "--size", "32", "--k", "5", "--out", run.NewFolder(), "--json").Json;
            Assert.True(JsonNode.DeepEquals(evaluated["top1"], subnet["top1"]), $"{subnet} is evaluated as {evaluated["top1"]}");
        }
        // The list of the study is that of a search with the same scores.
        var searched = Command.Succeed(
            "search", "--checkpoint", run.Run, "--data", run.Data, "--images", "8", "--size", "32", "--tasks",
            "classification,segmentation", "--list", Path.Combine(folder, "subnets.txt"), "--out", run.NewFolder(), "--json").Json;
        var scores = searched["candidates"]!.AsArray().ToDictionary(c => (string)c!["architecture"]!, c => c!["scores"]!);
        Assert.All(subnets, s => Assert.True(JsonNode.DeepEquals(scores[(string)s!["architecture"]!], s["scores"])));
        Assert.Equal(
            ["classification score (z)", "segmentation score (C4-C5)", "MACs", "parameters"],
            study["agreements"]!.AsArray().Select(a => (string)a!["of"]!));
        Assert.Contains(" --method knn --k 5 --tasks classification,segmentation ", (string)study["command"]!);
        // Beyond size, and what the winner is worth: counted anew from the subnets that the file tells of.
        var agreements = study["agreements"]!.AsArray();
        Assert.Equal(["MACs", "parameters", "MACs and parameters"], agreements[0]!["partial"]!.AsArray().Select(p => (string)p!["given"]!));
        Assert.Null(agreements[2]!["partial"]);
        Assert.Matches(@"(?m)^with sizes set aside +given MACs +given parameters +given both\n(classification|segmentation) score ", text);
        var regrets = study["regrets"]!.AsArray();
        // Of the Demo's own budgets the subnets at 32 pixels are within none.
        Assert.Equal(
            ["classification", "segmentation"], regrets.Where(r => (string)r!["budget"]! == "all").Select(r => (string)r!["task"]!));
        foreach (var regret in regrets.Where(r => (string)r!["budget"]! == "all"))
        {
            var winner = subnets.MaxBy(s => (double)s!["scores"]![(string)regret!["task"]!]!)!;
            var accuracies = subnets.Select(s => (double)s!["top1"]!["accuracy"]!).ToList();
            Assert.Equal((string)winner["architecture"]!, (string)regret!["winner"]!);
            Assert.Equal((double)winner["top1"]!["accuracy"]! - accuracies.Average(), (double)regret["winnerLessMean"]!["value"]!, 1e-6);
            Assert.Equal(accuracies.Max() - (double)winner["top1"]!["accuracy"]!, (double)regret["bestLessWinner"]!["value"]!, 1e-6);
        }
        Assert.Matches(@"(?m)^classification, all +3 +-?\d+\.\d \(", text);
        // The page has the accuracies too, and so has one that is made again.
        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.Contains("\"study\":{\"method\":\"knn\"", page);
        Command.Succeed("report", "--search", folder);
        Assert.Equal(page, File.ReadAllText(Path.Combine(folder, "report.html")));
    }

    /// <summary>Another's judgement of the same subnets, as a search takes it.</summary>
    [Fact]
    public void AgainstAForeignTeacherTheScoresAreThoseOfSuchASearch()
    {
        var folder = run.NewFolder();
        string[] against = ["--score", "teacher", "--teacher", "imagenet-resnet18"];
        var study = Command.Succeed(Arguments(folder, ["--subnets", "3", "--json", .. against])).Json;
        Assert.Contains(" --score teacher --teacher imagenet-resnet18 ", (string)study["command"]!);
        var searched = Command.Succeed(
            ["search", "--checkpoint", run.Run, "--data", run.Data, "--images", "8", "--size", "32", "--tasks", "classification", "--list",
                Path.Combine(folder, "subnets.txt"), "--out", run.NewFolder(), "--json", .. against]).Json;
        var scores = searched["candidates"]!.AsArray().ToDictionary(c => (string)c!["architecture"]!, c => c!["scores"]!);
        Assert.All(
            study["subnets"]!.AsArray(), s => Assert.True(JsonNode.DeepEquals(scores[(string)s!["architecture"]!], s["scores"])));
    }

    [Fact]
    public void AStoppedStudyGoesOnAndALargerOneKeepsTheSmaller()
    {
        var folder = run.NewFolder();
        var whole = Command.Succeed(Arguments(folder, "--subnets", "4", "--json")).Json;
        var file = Path.Combine(folder, "study.jsonl");
        var lines = File.ReadAllLines(file);
        // What it is of, Max and four subnets.
        Assert.Equal(1 + 5, lines.Length);
        File.WriteAllText(file, $"{lines[0]}\n{lines[1]}\n{lines[2]}\n{lines[3][..20]}");
        var resumed = Command.Succeed(Arguments(folder, "--subnets", "4", "--json", "--resume")).Json;
        foreach (var json in new[] { whole, resumed }) Assert.True(json.Remove("seconds"));
        Assert.Equal(whole.ToJsonString(), resumed.ToJsonString());
        Assert.Equal(lines[..3], File.ReadAllLines(file)[..3]);
        var larger = Command.Succeed(Arguments(folder, "--subnets", "5", "--json", "--resume")).Json;
        Assert.Equal(
            whole["subnets"]!.AsArray().Select(s => s!.ToJsonString()),
            larger["subnets"]!.AsArray().Take(4).Select(s => s!.ToJsonString()));
        var other = Command.Run(Arguments(folder, "--subnets", "4", "--k", "3", "--resume"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("study.jsonl: begun with another method", other.Error);
        Assert.DoesNotContain("candidates", other.Error);
        // Which of two lines would count?
        File.AppendAllText(file, lines[1] + "\n");
        Assert.Contains(
            $"line 8: {Spaces.Demo.Space.Max} is there already", Command.Run(Arguments(folder, "--subnets", "4", "--resume")).Error);
    }

    [Fact]
    public void AListIsStudiedInTheOrderGiven()
    {
        var list = run.NewFolder();
        File.WriteAllText(list, "Middle\n#7\nMax\nMin\n");
        var json = Command.Succeed(Arguments(run.NewFolder(), "--list", list, "--budgets", "params<=10M,params<=200K", "--json")).Json;
        var small = json["subnets"]!.AsArray().Count(s => (long)s!["parameters"]! <= 200_000);
        Assert.InRange(small, 1, 3);
        Assert.Equal(
            [("params<=10M", 4), ("params<=200K", small)],
            json["regrets"]!.AsArray().Select(r => ((string)r!["budget"]!, (int)r["subnets"]!)));
        Assert.Contains(" --budgets 'params<=10M,params<=200K' ", (string)json["command"]!);
        Assert.Equal(
            new[] { "Middle", "#7", "Max", "Min" }.Select(n => Spaces.Demo.Space.Parse(n).ToString()),
            json["subnets"]!.AsArray().Select(s => (string)s!["architecture"]!));
        File.WriteAllText(list, "Middle\n");
        Assert.Contains("a correlation needs 3 subnets or more", Command.Refuse(Arguments(run.NewFolder(), "--list", list)));
    }

    [Theory]
    [InlineData("--train is missing", "--train", null)]
    [InlineData("the image folder 'nowhere' does not exist", "--train", "nowhere")]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    [InlineData("--subnets 2: give a whole number from 3 to 1000000; fewer have no correlation", "--subnets", "2")]
    [InlineData("--method fly: give knn, linear, finetune", "--method", "fly")]
    [InlineData("--epochs goes with --method finetune", "--epochs", "3")]
    [InlineData("--labels 0: give a share above 0 %", "--labels", "0")]
    [InlineData("unknown task 'depth'", "--tasks", "depth")]
    [InlineData("nowhere: no such file", "--list", "nowhere")]
    [InlineData("--budgets latency<=1ms: a study times nothing", "--budgets", "latency<=1ms")]
    [InlineData("--subnets 20: none of its architectures is within the budget <=1K at 32 pixels", "--budgets", "<=1K")]
    [InlineData("--budgets names none", "--budgets", ",")]
    public void BadInputIsOneLineAndLeavesNothing(string start, string option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = Arguments(folder).ToList();
        var at = arguments.IndexOf(option);
        if (at >= 0) arguments.RemoveRange(at, 2);
        if (value is not null) arguments.AddRange([option, value]);
        Assert.StartsWith(start, Command.Refuse([.. arguments]));
        Assert.False(Directory.Exists(folder));
    }

    private string[] Arguments(string folder, params string[] more)
    {
        var (train, test) = run.LabelledSets();
        return
        [
            "study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--images", "8", "--size", "32",
            "--method", "knn",
            .. more.Contains("--k") ? (string[])[] : ["--k", "5"], "--out", folder, .. more,
        ];
    }
}
