using DataSsl.Generator.Emit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Generator.Tests;

/// <summary>A project that has its public members documented, and takes warnings for errors, builds with what is emitted into it.</summary>
public sealed class DocumentationTests
{
    /// <summary>Malformed, doubled, of no parameter, not of all, of no member, and missing.</summary>
    private static readonly string[] s_warnings = ["CS1570", "CS1571", "CS1572", "CS1573", "CS1587", "CS1591"];

    [Theory]
    [InlineData(nameof(TestSpaces.Tiny))]
    [InlineData(nameof(TestSpaces.Basic))]
    [InlineData(nameof(TestSpaces.Mobile))]
    [InlineData(nameof(TestSpaces.Transformer))]
    public void Every_public_member_is_documented(string kind)
    {
        var plan = TestSpaces.Plan(
            kind switch
            {
                nameof(TestSpaces.Tiny) => TestSpaces.Tiny,
                nameof(TestSpaces.Basic) => TestSpaces.Basic,
                nameof(TestSpaces.Mobile) => TestSpaces.Mobile,
                _ => TestSpaces.Transformer,
            });
        var spec = new FixedClassSpec("Net", "Acme.Models", plan.Space.Anchors[0].Choices, plan.Space.InputSize, default, Head: 10);
        Assert.Equal([], Warnings(SpaceCompiler.EmitSupernet(plan.Space)));
        Assert.Equal([], Warnings(SpaceCompiler.EmitFixedClass(plan, spec)));
        Assert.Equal([], Warnings(SpaceCompiler.EmitFixedClass(plan, spec with { Folded = true })));
        Assert.Equal([], Warnings(SpaceCompiler.EmitPureClass(plan, spec)));
    }

    [Fact]
    public void The_compiler_tells_what_is_missing() =>
        Assert.Equal(["CS1591", "CS1591"], Warnings("public class C : Missing { public int Value; }").Select(warning => warning.Id));

    /// <summary>What the types are of is missing here, which is told by other numbers.</summary>
    private static IEnumerable<Diagnostic> Warnings(string source) =>
        CSharpCompilation.Create(
                "Consumer",
                [CSharpSyntaxTree.ParseText(source, CSharpParseOptions.Default.WithDocumentationMode(DocumentationMode.Diagnose))],
                [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true))
            .GetDiagnostics().Where(diagnostic => !diagnostic.IsSuppressed && s_warnings.Contains(diagnostic.Id));
}
