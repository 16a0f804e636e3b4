using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Tests;

/// <summary>Runs the generator as the compiler does, with its steps tracked.</summary>
internal static class Driver
{
    public static GeneratorDriver Run(params (string Path, string Text)[] files) => Create(files).RunGenerators(Compilation("class C;"));

    public static GeneratorDriver Create(params (string Path, string Text)[] files) => CSharpGeneratorDriver.Create(
        [new SpaceGenerator().AsSourceGenerator()], files.Select(f => (AdditionalText)new MemoryText(f.Path, f.Text)),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static CSharpCompilation Compilation(string source) => CSharpCompilation.Create("Test", [CSharpSyntaxTree.ParseText(source)]);

    /// <summary>Why each output of a tracked stage ran, in order.</summary>
    public static ImmutableArray<IncrementalStepRunReason> Reasons(this GeneratorDriver driver, string stage) =>
        driver.GetRunResult().Results[0].TrackedSteps.TryGetValue(stage, out var steps) ? [.. steps.SelectMany(s => s.Outputs).Select(o => o.Reason)] : [];

    /// <summary>Why each source output ran.</summary>
    public static ImmutableArray<IncrementalStepRunReason> SourceReasons(this GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason)];

    internal sealed class MemoryText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
