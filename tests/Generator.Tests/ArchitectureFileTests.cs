using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;

namespace DataSsl.Generator.Tests;

/// <summary><c>*.arch.yaml</c>: the fixed class of one architecture at build time.</summary>
public sealed class ArchitectureFileTests
{
    private const string Space = TestSpaces.Tiny;

    [Theory]
    [InlineData("architecture: Half", "Tiny_Half")]
    [InlineData("architecture: half\nclass: Small\nnamespace: Acme.Models", "Small")]
    [InlineData("architecture: stem=8 stage1=4x2 stage2=6x1\nclass: Small", "Small")]
    [InlineData("architecture: { width: [8, 4, 6], depth: [2, 1] }\nclass: Small", "Small")]
    [InlineData("architecture: Half\nhead: 10", "Tiny_Half", 10)]
    public void The_class_is_what_emit_writes(string architecture, string className, int head = 0)
    {
        var result = Driver.Run(("tiny.space.yaml", Space), ("small.arch.yaml", $"space: Tiny\n{architecture}\n")).GetRunResult();
        Assert.Empty(result.Diagnostics);
        var source = result.Results[0].GeneratedSources.Single(s => s.HintName == className + ".g.cs").SourceText.ToString();
        var plan = TestSpaces.Plan(Space);
        var spec = new FixedClassSpec(
            className, architecture.Contains("Acme") ? "Acme.Models" : "DataSsl.Models", plan.Space.Anchors[0].Choices, 32, default, head);
        Assert.Equal(WithoutProvenance(SpaceCompiler.EmitFixedClass(plan, spec)), WithoutProvenance(source));
        Assert.Contains("// stem=8 stage1=4x2 stage2=6x1 of Tiny\n", source);
    }

    [Theory]
    [InlineData("Max")]
    [InlineData("Min")]
    [InlineData("'#0'")]
    public void Corners_and_indices(string architecture) =>
        Assert.Empty(
            Driver.Run(("tiny.space.yaml", Space), ("a.arch.yaml", $"space: Tiny\narchitecture: {architecture}\n"))
                .GetRunResult().Diagnostics);

    [Theory]
    [InlineData("space: Tinny\narchitecture: Half", "DSG025", "unknown space 'Tinny', did you mean 'Tiny'?", "Tinny")]
    [InlineData("space: Tiny\narchitecture: Quarter", "DSG026", null, "Quarter")]
    [InlineData("space: Tiny\narchitecture: '#24'", "DSG026", null, "'#24'")]
    [
        InlineData(
            "space: Tiny\narchitecture: stem=8 stage1=4x9 stage2=6x1", "DSG026",
            "'stem=8 stage1=4x9 stage2=6x1' is not an architecture of Tiny: stage1 depth 9 is out of range: the supernet holds 1 to 2",
            "stem=8 stage1=4x9 stage2=6x1"),
    ]
    [InlineData("space: Tiny", "DSG003", "an architecture file needs the key 'architecture'", "space: Tiny")]
    [InlineData("space: Tiny\narchitecture: Half\nsise: 3", "DSG002", "unknown key 'sise', did you mean 'size'?", "sise")]
    [InlineData("space: Tiny\narchitecture: Half\nsize: 1", "DSG024", null, "1")]
    [InlineData("space: Tiny\narchitecture: Half\nhead: 0", "DSG007", "'head' must be at least 1, not 0", "0")]
    [InlineData("space: Tiny\narchitecture: Half\nhead: ten", "DSG004", "'head' must be a whole number", "ten")]
    [InlineData("space: Tiny\narchitecture: { width: [8, 4, 99], depth: [2, 1] }", "DSG011", null, "99")]
    public void Mistakes(string text, string id, string? message, string underlined)
    {
        var result = Driver.Run(("tiny.space.yaml", Space), ("a.arch.yaml", text)).GetRunResult();
        Expect.Of(text, result.Diagnostics.Select(Info)).HaveDiagnostic(id, message, underlined).Only();
        Assert.Equal(["CompiledSpaces.g.cs", "Tiny.g.cs"], result.Results[0].GeneratedSources.Select(s => s.HintName).Order());
    }

    [Fact]
    public void A_class_named_like_a_space_clashes_with_it()
    {
        var result = Driver.Run(("tiny.space.yaml", Space), ("a.arch.yaml", "space: Tiny\narchitecture: Half\nclass: tiny")).GetRunResult();
        Assert.Equal(["DSG015", "DSG015"], result.Diagnostics.Select(d => d.Id));
        Assert.Empty(result.GeneratedTrees);
    }

    /// <summary>A reported diagnostic back in the form that the parser gives, its message ready.</summary>
    private static DiagnosticInfo Info(Diagnostic d) => new(
        new DiagnosticDescriptor(d.Id, "", "{0}", "", DiagnosticSeverity.Error, true), new("", d.Location.SourceSpan, default),
        new[] { d.GetMessage() }.ToEquatableArray());

    private static string WithoutProvenance(string source) =>
        string.Join('\n', source.Split('\n').Where(line => !line.StartsWith("// ", StringComparison.Ordinal)));
}
