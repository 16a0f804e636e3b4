using DataSsl.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>The class that a build makes of an <c>*.arch.yaml</c> is the one that <c>emit</c> writes.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ArchitectureFileTests(TrainedRun run)
{
    [Fact]
    public void TheBuildWritesWhatEmitWrites()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Middle", "--name", "Backbone", "--namespace", "Acme.Models", "--images", "4",
            "--size", "32", "--out", folder);
        var built = Build("space: Demo\narchitecture: Middle\nclass: Backbone\nnamespace: Acme.Models\nsize: 32\n");
        Assert.Equal(WithoutOrigin(File.ReadAllText(Path.Combine(folder, "Backbone.cs"))), WithoutOrigin(built));
        Assert.Contains("class Backbone : Module<Tensor, Tensor>", built);
    }

    private static string Build(string architecture)
    {
        var driver = CSharpGeneratorDriver.Create(
            [new SpaceGenerator().AsSourceGenerator()],
            [new MemoryText("demo.space.yaml", Spaces.Demo.Space.Source), new MemoryText("backbone.arch.yaml", architecture)]);
        var result = driver.RunGenerators(CSharpCompilation.Create("Test")).GetRunResult().Results[0];
        Assert.Empty(result.Diagnostics);
        return result.GeneratedSources.Single(s => s.HintName == "Backbone.g.cs").SourceText.ToString();
    }

    /// <summary>The header's lines on where the class comes from: a build knows of no checkpoint.</summary>
    private static string WithoutOrigin(string source) =>
        string.Join('\n', source.Split('\n').Where(line => !line.StartsWith("// ", StringComparison.Ordinal)));

    private sealed class MemoryText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
