using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>The demo's whole path: images, training, search, classes, verdict, report.</summary>
[Collection(nameof(DemoCollection))]
public sealed class DemoTests(DemoRun demo)
{
    private JsonArray Winners => Json("search.json")["winners"]!.AsArray();

    [Fact]
    public void EveryWinnerIsProvenAndOnDisk()
    {
        Assert.Equal(4, Winners.Count);
        foreach (var winner in Winners)
        {
            Assert.Equal(0, (double)winner!["proofMaxAbsDifference"]!);
            Assert.Contains(
                $"public sealed class {winner["className"]} : Module<Tensor, Tensor>",
                File.ReadAllText(demo.File((string)winner["sourceFile"]!)));
            Assert.True(new FileInfo(demo.File((string)winner["weightsFile"]!)).Length > 1_000_000);
        }
        Assert.DoesNotContain(
            Directory.GetFiles(demo.Folder, "*", SearchOption.AllDirectories), f => Path.GetExtension(f) is ".unproven" or ".partial");
    }

    /// <summary>Its warnings are for those who write programs with it.</summary>
    [Fact]
    public void LibtorchIsNotHeard() => Assert.DoesNotMatch(@"(?m)^\[W\d|\.(h|cpp):\d+\]", demo.Error);

    [Fact]
    public void TheSearchWasExhaustive()
    {
        var candidates = Json("search.json")["candidates"]!.AsArray();
        Assert.All(candidates, c => Assert.True((long)c!["macs"]! is (>= 41_000_000 and < 42_000_000) or (>= 83_000_000 and < 84_000_000)));
        Assert.Equal(candidates.Count, Winners.DistinctBy(w => (string)w!["budget"]!).Sum(w => (int)w!["members"]!));
    }

    /// <summary>The weights of ImageNet are where training starts from and what it learns under, and the winners say so.</summary>
    [Fact]
    public void ItStartsFromGivenWeightsAndLearnsUnderThem()
    {
        var run = Json("run", "train.json");
        Assert.Equal(("imagenet-resnet18", "imagenet-resnet18"), ((string)run["from"]!["weights"]!, (string)run["teacher"]!["weights"]!));
        Assert.All(
            Winners,
            w => Assert.Contains("training learnt from imagenet-resnet18", File.ReadAllText(demo.File((string)w!["sourceFile"]!))));
    }

    /// <summary>
    /// The figures of random weights, of those off the shelf and of the winner of half the cost, on images that are none of the training's.
    /// </summary>
    [Fact]
    public void ItEndsWithTheVerdict()
    {
        var verdict = Json("verdict.json");
        var sentence = (string)verdict["sentence"]!;
        Assert.Contains($"\n{sentence}\n", demo.Output);
        Assert.All(["verdict.html", "report.html"], page => Assert.Contains(sentence, File.ReadAllText(demo.File(page))));
        Assert.Equal(["random", "given", "winner"], verdict["rows"]!.AsArray().Select(row => (string)row!["role"]!));
        var half = Winners.Single(
            w => ((string)w!["className"]!).Equals("AroundResNet18_83M_Classification", StringComparison.Ordinal))!["candidate"]![
                "architecture"];
        Assert.Equal((string)half!, (string)verdict["rows"]![2]!["architecture"]!);
        Assert.Equal("linear", (string)verdict["by"]!);

        Assert.EndsWith(Path.Combine("images", "cells", "train"), (string)Json("run", "train.json")["data"]!);
        var learnt = Pictures("train").ToHashSet();
        Assert.Equal(120, learnt.Count);
        Assert.DoesNotContain(Pictures("test"), learnt.Contains);
        Assert.Equal(40, (int)verdict["testImages"]!);
    }

    [Fact]
    public void TheReportNamesEveryWinnerAndTheCommand()
    {
        var page = File.ReadAllText(demo.File("report.html"));
        Assert.All(Winners, winner => Assert.Contains((string)winner!["className"]!, page));
        Assert.Contains($"datassl search --checkpoint {demo.File("run")}", page);
    }

    [Fact]
    public void ItTellsWhatItMade()
    {
        Assert.Equal(
            ["train", "search", "emit", "verdict", "train"],
            demo.Output.Split('\n').Where(line => line.StartsWith("  datassl ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[3]));
        Assert.Matches(
            "a consumer of AroundResNet18_83M_Classification, [^\n]+: the nearest neighbour is of the same class for [0-9]+ of 40 images",
            demo.Output);
        foreach (var made in new[] { "images", "run", "winners", "search.json", "verdict.json", "report.html" })
            Assert.Contains(demo.File(made), demo.Output);
    }

    private JsonNode Json(params string[] names) => JsonNode.Parse(File.ReadAllText(demo.File(names)))!;

    private IEnumerable<string> Pictures(string part) =>
        Directory.GetFiles(demo.File("images", "cells", part), "*.jpg", SearchOption.AllDirectories)
            .Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
