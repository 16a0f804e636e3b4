using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>The demo's whole path: images, training, search, classes, report.</summary>
[Collection(nameof(DemoCollection))]
public sealed class DemoTests(DemoRun demo)
{
    private JsonArray Winners => JsonNode.Parse(File.ReadAllText(demo.File("search.json")))!["winners"]!.AsArray();

    [Fact]
    public void EveryWinnerIsProvenAndOnDisk()
    {
        Assert.Equal(6, Winners.Count);
        foreach (var winner in Winners)
        {
            Assert.Equal(0, (double)winner!["proofMaxAbsDifference"]!);
            Assert.Contains($"public sealed class {winner["className"]} : Module<Tensor, Tensor>", File.ReadAllText(demo.File((string)winner["sourceFile"]!)));
            Assert.True(new FileInfo(demo.File((string)winner["weightsFile"]!)).Length > 100_000);
        }
        Assert.DoesNotContain(Directory.GetFiles(demo.Folder, "*", SearchOption.AllDirectories), f => Path.GetExtension(f) is ".unproven" or ".partial");
    }

    /// <summary>Its warnings are for those who write programs with it.</summary>
    [Fact]
    public void LibtorchIsNotHeard() => Assert.DoesNotMatch(@"(?m)^\[W\d|\.(h|cpp):\d+\]", demo.Error);

    [Fact]
    public void TheSearchWasExhaustive()
    {
        var candidates = JsonNode.Parse(File.ReadAllText(demo.File("search.json")))!["candidates"]!.AsArray();
        var inBudgets = candidates.Select(c => (long)c!["macs"]!).ToList();
        Assert.All(inBudgets, macs => Assert.InRange(macs, 4_000_000, 39_999_999));
        Assert.Equal(candidates.Count, Winners.DistinctBy(w => (string)w!["budget"]!).Sum(w => (int)w!["members"]!));
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
        Assert.Contains("kNN accuracy of Max, without labels in training: ", demo.Output);
        Assert.Matches("a consumer of Demo_4to10M_Classification: the nearest neighbour is of the same class for [0-9]+ of 64 images", demo.Output);
        foreach (var made in new[] { "images", "run", "winners", "search.json", "report.html" }) Assert.Contains(demo.File(made), demo.Output);
    }
}
