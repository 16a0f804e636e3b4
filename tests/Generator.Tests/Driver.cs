using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator.Tests;

/// <summary>Runs the generator as the compiler does, with its steps tracked.</summary>
internal static class Driver
{
    public static GeneratorDriver Run(params (string Path, string Text)[] files) => Create(files).RunGenerators(Compilation("class C;"));

    public static GeneratorDriver Create(params (string Path, string Text)[] files) => CSharpGeneratorDriver.Create(
        [new SpaceGenerator().AsSourceGenerator()], files.Select(f => (AdditionalText)new MemoryText(f.Path, f.Text)),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The additional files of a driver, which it does not show.</summary>
    public static ImmutableArray<AdditionalText> Texts(GeneratorDriver driver)
    {
        var state = typeof(GeneratorDriver)
            .GetField("_state", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(driver)!;
        return (ImmutableArray<AdditionalText>)state.GetType()
            .GetField(
                "AdditionalTexts", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(state)!;
    }

    public static CSharpCompilation Compilation(string source) => CSharpCompilation.Create("Test", [CSharpSyntaxTree.ParseText(source)]);

    /// <summary>Why each output of a tracked stage ran, in order.</summary>
    public static IncrementalStepRunReason[] Reasons(this GeneratorDriver driver, string stage) =>
        driver.GetRunResult().Results[0].TrackedSteps.TryGetValue(stage, out var steps)
            ? [.. steps.SelectMany(s => s.Outputs).Select(o => o.Reason)]
            : [];

    /// <summary>Why each source output ran.</summary>
    public static IncrementalStepRunReason[] SourceReasons(this GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason)];

    internal sealed class MemoryText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    /// <summary>Build properties as the compiler hands them to generators: a new object every time.</summary>
    internal sealed class Properties(params (string Name, string Value)[] properties) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Global(
            properties.ToDictionary(p => $"build_property.{p.Name}", p => p.Value));

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Global(Dictionary<string, string> values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
        }
    }
}
