namespace DataSsl.Cli.Tests.Verbs;

/// <summary><c>--space-file</c>: a space without a project, compiled by the command and kept by content.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SpaceFileTests : IDisposable
{
    private const string Cache = "XDG_CACHE_HOME";

    private const string Pocket = """
        space: Pocket
        family: resnet-bottleneck
        input: { channels: 3, size: 64 }
        stem: { width: [8, 16] }
        stages:
          - { width: [4, 8, 12, 16], depth: [1, 2] }
          - { width: [8, 16, 24, 32], depth: [1, 2] }
        constraints: [width non-decreasing]
        anchors:
          Half: { width: [8, 8, 16], depth: [1, 1] }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-space-file-");
    private readonly string? cache = Environment.GetEnvironmentVariable(Cache);

    public SpaceFileTests() => Environment.SetEnvironmentVariable(Cache, Path.Combine(folder.FullName, "cache"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Cache, cache);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void ItsSpaceIsThereForEveryVerb()
    {
        var file = Write("pocket.space.yaml", Pocket);
        Assert.Equal(112, (long)Command.Succeed("--space-file", file, "space", "show", "Pocket", "--json").Json["count"]!);
        Assert.Contains("Pocket", Command.Succeed("space", "list", "--space-file", file).Output);
        Assert.Equal(
            1_417_216, (long)Command.Succeed("cost", "--space", "pocket", "--arch", "Min", "--space-file", file, "--json").Json["macs"]!);
        Assert.StartsWith("unknown space 'Pocket'", Command.Refuse("space", "show", "Pocket"));
    }

    [Fact]
    public void SeveralMayBeGivenAndOneTakesThePlaceOfACompiledSpace()
    {
        var files = new[]
        {
            Write("a.space.yaml", Pocket),
            Write("b.space.yaml", Pocket.Replace("Pocket", "Demo").Replace("constraints: [width non-decreasing]", "")),
        };
        Assert.Equal(
            112,
            (long)Command.Succeed("--space-file", files[0], "--space-file", files[1], "space", "show", "Pocket", "--json").Json["count"]!);
        Assert.Equal(
            128,
            (long)Command.Succeed("--space-file", files[0], "--space-file", files[1], "space", "show", "Demo", "--json").Json["count"]!);
    }

    /// <summary>A name that the C# compiler would warn of in a user's own code.</summary>
    [Fact]
    public void ALowercaseNameCompiles() =>
        Assert.Equal(
            112,
            (long)Command.Succeed(
                "--space-file", Write("x.space.yaml", Pocket.Replace("Pocket", "pocket")), "space", "show", "pocket",
                "--json").Json["count"]!);

    [Fact]
    public void TheContentDecidesWhatIsCompiledAgain()
    {
        var file = Write("pocket.space.yaml", Pocket);
        Show(file);
        var kept = Assert.Single(Kept());
        var written = File.GetLastWriteTimeUtc(kept);
        Show(file);
        Show(Write("renamed.space.yaml", "# A comment.\n" + Pocket));
        Assert.Equal(kept, Assert.Single(Kept()));
        Assert.Equal(written, File.GetLastWriteTimeUtc(kept));
        Show(Write("pocket.space.yaml", Pocket.Replace("[8, 16] }\nstages", "[8, 12, 16] }\nstages")), 168);
        Assert.Equal(2, Kept().Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(500)]
    public void ADamagedCacheCostsOnlyTime(int length)
    {
        var file = Write("pocket.space.yaml", Pocket);
        Show(file);
        var kept = Assert.Single(Kept());
        var whole = File.ReadAllBytes(kept);
        File.WriteAllBytes(kept, whole[..length]);
        Show(file);
        Assert.Equal(whole, File.ReadAllBytes(kept));
    }

    [Fact]
    public void ACacheThatCannotBeWrittenCostsOnlyTime()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "cache"), "a file where the folder should be");
        Show(Write("pocket.space.yaml", Pocket));
    }

    [Fact]
    public void MistakesAreTheBuilds()
    {
        var file = Write(
            "bad.space.yaml", Pocket.Replace("stem: { width: [8, 16] }", "stem: { width: [8, 0] }").Replace("input:", "inputs:"));
        var run = Command.Run("--space-file", file, "space", "list");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        // One line; 'space check' tells them all.
        Assert.StartsWith($"datassl: {file}(3,1): error DSG002", run.Error);
        Assert.EndsWith(" (and 1 more)\n", run.Error);
        Assert.Contains($"{file}(4,20): error DSG007", Command.Run("space", "check", file).Error);
        Assert.Empty(Kept());
        Assert.Equal(
            "nowhere.space.yaml: no such file; give a *.space.yaml file to --space-file",
            Command.Refuse("--space-file", "nowhere.space.yaml", "space", "list"));
    }

    private static void Show(string file, long count = 112) =>
        Assert.Equal(count, (long)Command.Succeed("--space-file", file, "space", "show", "Pocket", "--json").Json["count"]!);

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string[] Kept() =>
        Path.Combine(folder.FullName, "cache", "datassl", "spaces") is var spaces && Directory.Exists(spaces)
            ? Directory.GetFiles(spaces)
            : [];
}
