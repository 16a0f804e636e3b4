using System.Text.Json.Nodes;
using DataSsl.Dense.Tests.Training;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// A study of detectors and segmenters: its figures are those of <c>search</c> and of <c>evaluate</c>, and it goes on to the same.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class StudyDenseTests(TrainedRun run, StudyDenseTests.Sets sets) : IClassFixture<StudyDenseTests.Sets>
{
    /// <summary>Each subnet scores what it scores alone, and all that is told of them together is counted anew.</summary>
    [Fact]
    public void EachSubnetHasTheScoresOfASearchAndTheFigureOfAnEvaluation()
    {
        var folder = run.NewFolder();
        var text = Command.Succeed(Segment(folder, "--subnets", "5", "--compare-domain", run.Data)).Output;
        Assert.Matches(@"\A +MMACs +M params +detection-c4 +detection +segmentation +segment mIoU \(95 %\) +architecture\n", text);
        Assert.Matches(@"(?m)^rank correlation with mIoU +Spearman \(95 %\) +Kendall tau-b \(95 %\)\n", text);
        var study = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "study.json")))!;
        var subnets = study["subnets"]!.AsArray();
        Assert.Equal(("segment", "mIoU"), ((string)study["method"]!, (string)study["figure"]!));
        Assert.Equal(5, subnets.DistinctBy(s => (string)s!["architecture"]!).Count());
        var figures = subnets.Select(s => (double)s!["measured"]!["mIoU"]!["value"]!).ToArray();
        Assert.True(figures.Distinct().Count() > 1, $"all subnets score {figures[0]}");
        // The first as it is evaluated alone.
        var first = subnets[0]!;
        var evaluated = Command.Succeed(
            [
                "evaluate", "segment", "--checkpoint", run.Run, "--arch", (string)first["architecture"]!, "--data", sets.Train["train"],
                "--test", sets.Test["train"], "--void", "11", .. s_training, "--out", run.NewFolder(), "--json",
            ]).Json;
        Assert.True(JsonNode.DeepEquals(evaluated["scores"], first["measured"]), $"{first} is evaluated as {evaluated["scores"]}");
        // The list of the study is that of two searches with the same scores, one on other images.
        MustScore(sets.Train["train"], "scores");
        MustScore(run.Data, "scoresElsewhere");
        // Three feature sets on both kinds of images, and the sizes, in one table.
        string[] features = ["detection-c4 score (C5)", "detection score (C2-C5)", "segmentation score (C4-C5)"];
        var agreements = study["agreements"]!.AsArray();
        Assert.Equal(
            [.. features, .. features.Select(name => $"{name} by {run.Data}"), "MACs", "parameters"],
            agreements.Select(a => (string)a!["of"]!));
        var rankings = new Func<JsonNode, double>[]
        {
            s => (double)s["scores"]!["detection-c4"]!, s => (double)s["scores"]!["detection"]!,
            s => (double)s["scores"]!["segmentation"]!, s => (double)s["scoresElsewhere"]!["detection-c4"]!,
            s => (double)s["scoresElsewhere"]!["detection"]!, s => (double)s["scoresElsewhere"]!["segmentation"]!,
            s => (double)s["macs"]!, s => (double)s["parameters"]!,
        };
        foreach (var (at, by) in rankings.Index())
        {
            double[] ranked = [.. subnets.Select(s => by(s!))];
            Assert.Equal(Spearman(ranked, figures), (double)agreements[at]!["spearman"]!["value"]!, 1e-9);
            Assert.Equal(Kendall(ranked, figures), (double)agreements[at]!["kendallTauB"]!["value"]!, 1e-9);
        }
        // What choosing by each was worth, on either images.
        var regrets = study["regrets"]!.AsArray().Where(r => (string)r!["budget"]! == "all").ToList();
        Assert.Equal(6, regrets.Count);
        foreach (var (at, regret) in regrets.Index())
        {
            var winner = Enumerable.Range(0, 5).MaxBy(i => rankings[at](subnets[i]!));
            Assert.Equal((string)subnets[winner]!["architecture"]!, (string)regret!["winner"]!);
            Assert.Equal(figures[winner] - figures.Average(), (double)regret["winnerLessMean"]!["value"]!, 1e-9);
            Assert.Equal(figures.Max() - figures[winner], (double)regret["bestLessWinner"]!["value"]!, 1e-9);
            Assert.True((double)regret["winnerLessMean"]!["low"]! < (double)regret["winnerLessMean"]!["high"]!);
        }
        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.Contains("\"study\":{\"method\":\"segment\",\"figure\":\"mIoU\"", page);
        Command.Succeed("report", "--search", folder);
        Assert.Equal(page, File.ReadAllText(Path.Combine(folder, "report.html")));
        Assert.Equal(
            ["report.html", "search.json", "search.jsonl", "study.json", "study.jsonl", "subnets.txt"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        void MustScore(string images, string key)
        {
            var searched = Command.Succeed(
                "search", "--checkpoint", run.Run, "--data", images, "--images", "8", "--size", "64", "--tasks",
                "detection-c4,detection,segmentation", "--list", Path.Combine(folder, "subnets.txt"), "--threads", "1", "--out",
                run.NewFolder(), "--json")
                .Json;
            var scores = searched["candidates"]!.AsArray().ToDictionary(c => (string)c!["architecture"]!, c => c!["scores"]!);
            Assert.All(subnets, s => Assert.True(JsonNode.DeepEquals(scores[(string)s!["architecture"]!], s[key])));
        }
    }

    /// <summary>
    /// Lines that are there are not measured again, also where another of their scores is asked for, and the file is the same whether it
    /// was stopped or not.
    /// </summary>
    [Fact]
    public void AStoppedStudyGoesOnToTheSameFile()
    {
        var (folder, list) = (run.NewFolder(), run.NewFolder());
        File.WriteAllText(list, "Min\n#1\n#2\n");
        var arguments = Detect(folder, "--list", list, "--json");
        var whole = Command.Succeed(arguments).Json;
        Assert.Equal(("detect", "AP"), ((string)whole["method"]!, (string)whole["figure"]!));
        var file = Path.Combine(folder, "study.jsonl");
        var lines = File.ReadAllLines(file);
        Assert.Equal(1 + 4, lines.Length);
        File.WriteAllText(file, $"{lines[0]}\n{lines[1]}\n{lines[2][..40]}");
        var resumed = Command.Succeed([.. arguments, "--resume"]);
        Assert.Contains("3 of 3 subnets evaluated: AP ", resumed.Error);
        var again = resumed.Json;
        foreach (var json in new[] { whole, again }) Assert.True(json.Remove("seconds"));
        Assert.Equal(whole.ToJsonString(), again.ToJsonString());
        // All but how long it took.
        Assert.Equal(lines.Select(Lasting), File.ReadAllLines(file).Select(Lasting));
        var other = Command.Succeed([.. arguments, "--metric", "ap50", "--resume"]);
        Assert.DoesNotContain("evaluated", other.Error);
        Assert.Equal("AP50", (string)other.Json["figure"]!);
        // A training of other settings would be another figure.
        var refused = Command.Run([.. arguments, "--rate", "0.003", "--resume"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("study.jsonl: begun with another schedule", refused.Error);

        static string Lasting(string line)
        {
            var json = JsonNode.Parse(line)!.AsObject();
            foreach (var name in new[] { "seal", "seconds", "secondsAStep" }) json.Remove(name);
            return json.ToJsonString();
        }
    }

    [Theory]
    [InlineData("'fly'", "fly")]
    [InlineData("--data is missing", "detect", "--data", null)]
    [InlineData("the image folder 'nowhere' does not exist", "detect", "--data", "nowhere")]
    [InlineData("the image folder 'nowhere' does not exist", "detect", "--compare-domain", "nowhere")]
    [InlineData("--metric speed: give AP, AP50, AP75", "detect", "--metric", "speed")]
    [InlineData("--head fcn: give fcos, faster-rcnn-c4, fpn", "detect", "--head", "fcn")]
    [InlineData("--subnets 2: give a whole number from 3", "detect", "--subnets", "2")]
    [InlineData("unknown task 'depth'", "detect", "--tasks", "depth")]
    public void BadInputIsOneLineAndLeavesNothing(string part, string task, string? option = null, string? value = null)
    {
        var folder = run.NewFolder();
        var arguments = Detect(folder).ToList();
        arguments[1] = task;
        if (option is not null)
        {
            var at = arguments.IndexOf(option);
            if (at >= 0) arguments.RemoveRange(at, 2);
            if (value is not null) arguments.AddRange([option, value]);
        }
        Assert.Contains(part, Command.Refuse([.. arguments]));
        Assert.False(Directory.Exists(folder));
    }

    /// <summary>What is wrong with images is told in the last line, before anything is made.</summary>
    [Fact]
    public void WhatCannotBeStudiedIsRefused()
    {
        using var empty = new TemporaryFolder();
        var list = run.NewFolder();
        File.WriteAllText(list, "Min\nMax\n");
        MustRefuse("a correlation needs 3 subnets or more", "--list", list);
        MustRefuse($"'{empty.Path}'", "--compare-domain", empty.Path);
        MustRefuse("no classes.txt or obj.names says their names", "--data", run.Data);

        void MustRefuse(string part, params string[] given)
        {
            var folder = run.NewFolder();
            var arguments = Detect(folder).ToList();
            if (arguments.IndexOf(given[0]) is >= 0 and var at) arguments.RemoveRange(at, 2);
            var refused = Command.Run([.. arguments, .. given]);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(part, refused.Error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder));
        }
    }

    // So little work is done sooner by one thread than by two that wait for each other.
    private static readonly string[] s_training =
        ["--size", "64", "--epochs", "1", "--norm", "trained", "--calibration", "8", "--threads", "1"];

    private string[] Detect(string folder, params string[] more) =>
    [
        "study", "detect", "--checkpoint", run.Run, "--data", sets.Boxes(sets.Train), "--test", sets.Boxes(sets.Test), "--width", "32",
        .. s_training, "--images", "8", "--score-size", "64", "--out", folder, .. more,
    ];

    private string[] Segment(string folder, params string[] more) =>
    [
        "study", "segment", "--checkpoint", run.Run, "--data", sets.Train["train"], "--test", sets.Test["train"], "--void", "11",
        .. s_training, "--images", "8", "--score-size", "64", "--out", folder, .. more,
    ];

    /// <summary>Pearson's coefficient of ranks that are counted: how many are less, and half of those that are equal.</summary>
    private static double Spearman(double[] x, double[] y)
    {
        double[] a = Ranks(x), b = Ranks(y);
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b).Sum(p => (p.First - meanA) * (p.Second - meanB))
            / Math.Sqrt(a.Sum(v => (v - meanA) * (v - meanA)) * b.Sum(v => (v - meanB) * (v - meanB)));

        static double[] Ranks(double[] of) => Array.ConvertAll(of, v => of.Count(o => o < v) + (of.Count(o => o == v) + 1) / 2.0);
    }

    /// <summary>By all pairs.</summary>
    private static double Kendall(double[] x, double[] y)
    {
        var (sum, inX, inY) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (Math.Sign(x[i] - x[j]), Math.Sign(y[i] - y[j]));
                (sum, inX, inY) = (sum + a * b, inX + a * a, inY + b * b);
            }
        return sum / Math.Sqrt(inX * inY);
    }

    /// <summary>Two sets of squares, one to learn from and one to test on.</summary>
    public sealed class Sets : IDisposable
    {
        public Sets()
        {
            Squares.Write(Train, 16);
            Squares.Write(Test, 6, 16);
        }

        public TemporaryFolder Train { get; } = new();

        public TemporaryFolder Test { get; } = new();

        public string Boxes(TemporaryFolder folder) => folder["ImageSets/Main/train.txt"];

        public void Dispose()
        {
            Train.Dispose();
            Test.Dispose();
        }
    }
}
