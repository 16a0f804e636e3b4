using DataSsl.Spaces;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class SpaceTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-space-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void ListNamesEverySpace()
    {
        Assert.Equal(
            CompiledSpaces.All.Select(s => s.Name),
            Command.Succeed("space", "list", "--json").Json["spaces"]!.AsArray().Select(s => (string)s!["name"]!));
        Assert.Matches("(?m)^DataResNet +resnet-bottleneck +85,293 architectures, 224 px$", Command.Succeed("space", "list").Output);
    }

    [Fact]
    public void ShowCountsTheGroups()
    {
        var facts = Command.Succeed("space", "show", "DataResNet", "--json").Json;
        Assert.Equal(85_293, (long)facts["count"]!);
        Assert.Equal(
            [34, 1986, 8597, 14504, 15651, 12033, 9142, 7566, 5245, 3680, 3212, 2459, 986, 189, 9],
            facts["groups"]!.AsObject().Select(g => (long)g.Value!));
        Assert.Equal("1-2G", facts["groups"]!.AsObject().First().Key);
        Assert.Equal(9, facts["axes"]!.AsArray().Count);
        Assert.Contains("ResNet50", facts["anchors"]!.AsArray().Select(a => (string)a!["name"]!));
        Assert.Matches("(?m)^ +ResNet50 +4.087 GMACs +23.51 M parameters ", Command.Succeed("space", "show", "DataResNet").Output);
    }

    /// <summary>The groups that are shown can be given as budgets.</summary>
    [Theory]
    [InlineData("DataResNet")]
    [InlineData("Demo")]
    public void GroupsAreBudgets(string name)
    {
        foreach (var (group, _) in Command.Succeed("space", "show", name, "--json").Json["groups"]!.AsObject())
            Assert.Equal(group, Search.Costs.Budget.Parse(group).ToString());
    }

    [Fact]
    public void CheckPassesAGoodFile()
    {
        var path = Write(Spaces.Demo.Space.Source);
        Assert.Equal($"{path}: Demo, 3,888 architectures\n", Command.Succeed("space", "check", path).Output);
        Assert.True((bool)Command.Succeed("space", "check", path, "--json").Json["valid"]!);
    }

    [Fact]
    public void CheckNamesThePlaceOfAMistake()
    {
        var path = Write(
            "space: Mine\nfamily: resnet-botleneck\ninput: { channels: 3, size: 64 }\nstem: { width: 16 }\nstages:\n  - { width: 8, depth: "
                + "1 }\n");
        var run = Command.Run("space", "check", path);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Matches($@"\A{path}\(2,9\): error DSG\d\d\d: [^\n]*resnet-bottleneck[^\n]*\n", run.Error);
        var json = Command.Run("space", "check", path, "--json");
        Assert.Equal(2, json.ExitCode);
        Assert.Equal((false, 2), ((bool)json.Json["valid"]!, (int)json.Json["diagnostics"]![0]!["line"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("just words")]
    [InlineData("space: [")]
    [InlineData("\0\u0001\u0002")]
    public void CheckSurvivesWhatIsNoSpace(string text)
    {
        var run = Command.Run("space", "check", Write(text));
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"\(\d+,\d+\): error DSG\d\d\d: ", run.Error);
    }

    [Fact]
    public void WhatIsNotThereIsSaid()
    {
        Assert.Equal("nowhere.space.yaml: no such file", Command.Refuse("space", "check", "nowhere.space.yaml"));
        Assert.StartsWith("unknown space 'Nope'; compiled are ", Command.Refuse("space", "show", "Nope"));
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder.FullName, "mine.space.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
