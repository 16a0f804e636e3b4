using System.Reflection;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Supernets;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Cli.Tests;

/// <summary>
/// The program that docs/jobs.md shows, compiled as somebody else's and run on a small run: it sees what is public, and no more.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class JobsTests(TrainedRun run)
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;";

    [Fact]
    public void The_program_of_the_docs_runs()
    {
        var (train, test) = run.LabelledSets();
        var (found, models, studied) = (run.NewFolder(), run.NewFolder(), run.NewFolder());
        var program = Program()
            .Replace("\"runs/mine/checkpoint.safetensors\"", Literal(run.Checkpoint)).Replace("\"photos\"", Literal(run.Data))
            .Replace("\"runs/mine\") { Budgets = [\"180-190M\"] }", $"{Literal(found)}) {{ Budgets = [\"2-3M\"], Images = 8, Size = 32 }}")
            .Replace("new EmitWinners(spaces, \"runs/mine\"", $"new EmitWinners(spaces, {Literal(found)}")
            .Replace("Subnet(spaces, \"runs/mine\"", $"Subnet(spaces, {Literal(run.Run)}").Replace("\"src/Models\"", Literal(models))
            .Replace("\"runs/study\"", Literal(studied)).Replace("\"labelled/train\"", Literal(train))
            .Replace("\"labelled/test\"", Literal(test));
        Assert.DoesNotContain("runs/", program);
        Assert.DoesNotContain("labelled/", program);
        var said = new StringWriter();
        var (output, error, listener) = (Console.Out, Console.Error, Notices.Listener);
        using var told = new StringWriter();
        Console.SetOut(told);
        Console.SetError(said);
        try
        {
            EntryOf(program).Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            Notices.Listener = listener;
            RunFolder.ReleaseAll();
        }
        // The same as the commands say.
        var folder = run.NewFolder();
        var winner = (string)Command.Succeed(
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--images", "8", "--size", "32", "--out", folder,
            "--json").Json["winners"]![0]!["candidate"]!["architecture"]!;
        var top1 = Command.Succeed(
            "evaluate", "knn", "--checkpoint", run.Run, "--arch", winner, "--data", train, "--test", test, "--out", run.NewFolder(),
            "--json").Json["top1"]!;
        var lines = told.ToString().Split('\n');
        Assert.Equal($"2-3M: {winner}", lines[0]);
        Assert.EndsWith(", largest difference 0", lines[1]);
        Assert.Equal($"{top1["right"]} of {top1["of"]}", lines[2]);
        Assert.Equal(["classification score (z)", "MACs", "parameters"], lines[3..6].Select(line => line.Split(": ")[0]));
        Assert.True(File.Exists(Path.Combine(studied, "study.json")));
        Assert.NotEmpty(Directory.GetFiles(models, "*.cs"));
        Assert.Contains("candidates of Demo", said.ToString());
    }

    private static string Program()
    {
        var page = File.ReadAllText(House.Picture.PathOf("docs", "jobs.md"));
        return page.Split("```csharp\n")[1].Split("```")[0];
    }

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>A program's entry, over the spaces of this one.</summary>
    private static MethodInfo EntryOf(string program)
    {
        var spaces = $$"""
            namespace DataSsl.Spaces;
            static class CompiledSpaces
            {
                public static IReadOnlyList<{{typeof(SearchSpace)}}> All => [{{typeof(DataSsl.Spaces.Demo)}}.Space];
            }
            """;
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            "SomebodysProgram", [.. new[] { Usings, program, spaces }.Select(text => CSharpSyntaxTree.ParseText(text, options))],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Select(file => MetadataReference.CreateFromFile(file)),
            new(OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.Equal([], emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
        return Assembly.Load(image.ToArray()).EntryPoint!;
    }
}
