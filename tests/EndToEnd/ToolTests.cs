namespace DataSsl.EndToEnd;

/// <summary>The installed tool stands by itself; that it trains, searches and emits is shown by the tests of its demo.</summary>
[Collection(nameof(DemoCollection))]
public sealed class ToolTests(DemoRun demo)
{
    /// <summary>libtorch is the one that came with it, not one that a checkout or another program has.</summary>
    [Fact]
    public void It_computes_with_the_libtorch_of_its_own_package()
    {
        var path = demo.Somebody.DataSsl("doctor").Succeeded().Output.Split('\n')
            .Single(line => line.StartsWith("libtorchPath ", StringComparison.Ordinal)).Split(' ')[^1];
        Assert.StartsWith(demo.Somebody.Tools, path);
    }

    [Fact]
    public void It_makes_the_report_again_from_anywhere()
    {
        var page = Path.Combine("again", "report.html");
        Assert.Equal(
            $"report: {page}\n",
            demo.Somebody.DataSsl("report", "--search", demo.Folder, "--out", "again").Succeeded().Output.ReplaceLineEndings("\n"));
        Assert.Contains("AroundResNet18_83M_Classification", File.ReadAllText(Path.Combine(demo.Somebody.Folder, page)));
    }
}
