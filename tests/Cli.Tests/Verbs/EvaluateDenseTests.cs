using System.Text.Json.Nodes;
using DataSsl.Dense.Tests.Data;
using DataSsl.Dense.Tests.Training;
using DataSsl.Dense.Training;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class EvaluateDenseTests(TrainedRun run, EvaluateDenseTests.Sets sets) : IClassFixture<EvaluateDenseTests.Sets>
{
    // So little work is done sooner by one thread than by two that wait for each other.
    private static readonly string[] s_network = ["--random", "--space", "Demo", "--arch", "Min", "--threads", "1"];

    /// <summary>Bright and dark squares are found on unseen pictures, and everything about it is written.</summary>
    [Fact]
    public void ADetectorIsTrainedScoredAndKept()
    {
        var folder = run.NewFolder();
        var json = Command.Succeed(
            [
                "evaluate", "detect", .. s_network, "--data", sets.Boxes(sets.Train), "--test", sets.Boxes(sets.Test), "--size", "64",
                "--width", "32", "--epochs", "10", "--rate", "0.02", "--norm", "trained", "--out", folder, "--json",
            ]).Json;
        var ap50 = json["scores"]!["ap50"]!;
        Assert.True((double)ap50["value"]! > 0.6, $"AP50 {ap50}");
        Assert.InRange((double)ap50["value"]!, (double)ap50["low"]!, (double)ap50["high"]!);
        Assert.Equal(["bright", "dark"], json["scores"]!["byClass"]!.AsArray().Select(each => (string)each!["class"]!));
        Assert.Equal(("detect", "fcos", "random", 64), (
            (string)json["method"]!, (string)json["options"]!["head"]!, (string)json["network"]!["kind"]!, (int)json["size"]!));
        var line = JsonNode.Parse(Assert.Single(File.ReadAllLines(Path.Combine(folder, "evaluations.jsonl"))))!.AsObject();
        Assert.True(line.Remove("seal"));
        Assert.True(JsonNode.DeepEquals(json, line));
        // Its file holds all that it takes to make it again: what it finds scores what was told.
        using var scope = NewDisposeScope();
        var (network, facts) = DenseCheckpoint.Read(
            Path.Combine(folder, "detector.safetensors"),
            origin => FixedNetwork.OfText(origin.Source!, origin.Architecture!, origin.Size), CPU);
        using (network)
        {
            Assert.Equal(("Demo", "random"), (facts.Backbone.Space, facts.Backbone.Kind));
            var set = Squares.Boxes(sets.Test);
            var (found, truth) = (new DensePrediction(network, CPU).Objects(set.Image(0)), set.Objects(0)[0]);
            Assert.True(found[0].Box.Iou(truth.Box) > 0.5, $"{found[0].Box} of {truth.Box}");
        }
        var page = File.ReadAllText(Path.Combine(folder, "dense-report.html"));
        Assert.Equal(Sets.Tests, page.Split("<figure>").Length - 1);
        Assert.DoesNotContain("http", page.Replace("data:image", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(
            ["dense-report.html", "detector.safetensors", "evaluations.jsonl"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ASegmenterTellsPixels()
    {
        var folder = run.NewFolder();
        string[] arguments =
        [
            "evaluate", "segment", .. s_network, "--data", sets.Train["train"], "--test", sets.Test["train"], "--void", "11", "--size",
            "64", "--classes", "ground,bright,dark", "--norm", "trained", "--out", folder,
        ];
        var json = Command.Succeed([.. arguments, "--epochs", "6", "--json"]).Json;
        Assert.True((double)json["scores"]!["mIoU"]!["value"]! > 0.6, $"{json["scores"]}");
        Assert.Equal("dark", (string)json["scores"]!["byClass"]![2]!["class"]!);
        Assert.True(File.Exists(Path.Combine(folder, "segmenter.safetensors")));
        // A share of the labels learns from fewer, and prints what it found.
        var few = Command.Succeed([.. arguments, "--labels", "20%", "--epochs", "1"]);
        Assert.Matches(@"\Afcn on Min of Demo with random weights: mIoU [\d.]+ % \([\d.]+ to [\d.]+\)\n", few.Output);
        Assert.Contains($"  {Sets.Trains / 5} labelled of {Sets.Trains} training images, {Sets.Tests} test images (--test)", few.Output);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(folder, "evaluations.jsonl")).Length);
    }

    /// <summary>One line, the last, says what is wrong with a set; those before it tell what was read.</summary>
    [Fact]
    public void WhatCannotBeLearntFromIsRefused()
    {
        using var other = new TemporaryFolder();
        other.Voc(SmallSets.Object("cat", 1, 1, 20, 20), SmallSets.Object("bright", 1, 1, 20, 20), "");
        var (boxes, cats) = (sets.Boxes(sets.Train), sets.Boxes(other));
        var vain = run.NewFolder();
        MustRefuse("none of its annotations can be used", "instances", "--data", boxes);
        MustRefuse($"--test {cats}: ", "detect", "--data", boxes, "--test", cats);
        MustRefuse("holds the images of --data", "detect", "--data", boxes, "--test", boxes);
        MustRefuse("too few can be kept for testing", "detect", "--data", cats);
        MustRefuse("no index masks are beside its images", "segment", "--data", sets.Train["JPEGImages"]);
        Assert.False(Directory.Exists(vain));

        void MustRefuse(string part, string task, params string[] arguments)
        {
            var refused = Command.Run(["evaluate", task, .. s_network, "--size", "64", "--out", vain, .. arguments]);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(part, refused.Error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--size huge: give the short side, or height and width as 240x320", "detect", "--size", "huge")]
    [InlineData("--size 64x16: give the short side, or height and width as 240x320", "segment", "--size", "64x16")]
    [InlineData("--head fcn: give fcos, faster-rcnn-c4, fpn", "detect", "--head", "fcn")]
    [InlineData("--width 48: give a multiple of 32 for fcos", "detect", "--width", "48")]
    [InlineData("--epochs: --schedule paper says that itself", "detect", "--schedule", "paper", "--epochs", "3")]
    [InlineData("--classes a,,b: give each class a name of its own", "segment", "--classes", "a,,b")]
    [InlineData("--labels 0%: give a share above 0 % and up to 100 %", "detect", "--labels", "0%")]
    [InlineData("--resume: there is no ", "detect", "--resume")]
    [InlineData("the image folder 'nowhere' does not exist", "segment", "--data", "nowhere")]
    [InlineData("give one network: ", "detect", "--emitted", "Net.cs")]
    public void BadInputIsOneLineAndLeavesNothing(string start, string task, params string[] given)
    {
        var folder = run.NewFolder();
        // What is given stands in the place of what all have.
        var pairs = new Dictionary<string, string>
        {
            ["--space"] = "Demo",
            ["--arch"] = "Min",
            ["--data"] = sets.Boxes(sets.Train),
            ["--out"] = folder,
        };
        foreach (var option in given.Where(word => word.StartsWith("--", StringComparison.Ordinal))) pairs.Remove(option);
        Assert.StartsWith(
            start,
            Command.Refuse(["evaluate", task, "--random", .. pairs.SelectMany(pair => new[] { pair.Key, pair.Value }), .. given]));
        Assert.False(Directory.Exists(folder));
    }

    /// <summary>Before an image is read.</summary>
    [Fact]
    public void ANetworkWithoutFourMapsIsRefused()
    {
        var file = run.File("shallow.space.yaml");
        File.WriteAllText(file, """
            space: Shallow
            family: resnet-basic
            input: { size: 64 }
            stem: { width: [8, 16] }
            stages:
              - { depth: [1, 2] }
              - { width: [8, 16], depth: [1, 2] }
            """);
        Assert.StartsWith(
            "dense tasks need maps C2 to C5, and Shallow has no C4, C5; take a space with four stages",
            Command.Refuse(
                "evaluate", "detect", "--space-file", file, "--random", "--space", "Shallow", "--data", sets.Boxes(sets.Train)));
    }

    /// <summary>Two sets of squares, one to learn from and one to test on.</summary>
    public sealed class Sets : IDisposable
    {
        public const int Trains = 40, Tests = 8;

        public Sets()
        {
            Squares.Write(Train, Trains);
            Squares.Write(Test, Tests, Trains);
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
