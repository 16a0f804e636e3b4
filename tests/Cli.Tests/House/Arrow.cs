using DataSsl.Runtime.Supernets;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DataSsl.Cli.Tests.House;

/// <summary>That code of one namespace names a type of another, or a member of one.</summary>
/// <param name="Place">Where it does so first.</param>
internal sealed record Arrow(string From, string To, string Place)
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>
    /// Errors of what generators write, which is missing here: bodies of methods and what they assign, and what makes a context of JSON one
    /// (its constructor, what it overrides, its <c>Default</c>). All else has compiled when this runs.
    /// </summary>
    private static readonly string[] ofGenerated = ["CS8795", "CS0165", "CS7036", "CS0534", "CS0117"];

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    /// <summary>All that this test program stands on; each project's sources are compiled against what is not itself.</summary>
    private static readonly (string Name, MetadataReference Reference)[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(file => (Path.GetFileNameWithoutExtension(file), MetadataReference.CreateFromFile(file))),
    ];

    /// <summary>The list of compiled spaces, which our generator writes.</summary>
    private static readonly MetadataReference Spaces = CSharpCompilation.Create(
        "CompiledSpaces",
        [CSharpSyntaxTree.ParseText($$"""
            namespace DataSsl.Spaces;
            public static class CompiledSpaces { public static System.Collections.Generic.IReadOnlyList<{{typeof(SearchSpace)}}> All => null!; }
            """)],
        References.Select(r => r.Reference), new(OutputKind.DynamicallyLinkedLibrary)).ToMetadataReference();

    /// <summary>
    /// The arrows between the namespaces of one assembly, as the compiler sees its sources. Comments and using directives are no code,
    /// and make no arrows.
    /// </summary>
    /// <param name="unknown">Assemblies beside its own that the sources do not know: a namespace of theirs could hide a type.</param>
    public static IReadOnlyList<Arrow> Between(
        string assembly, IEnumerable<(string Path, string Text)> sources, params IReadOnlyCollection<string> unknown)
    {
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, Options, s.Path)).ToList();
        var compilation = CSharpCompilation.Create(
            assembly, [.. trees, CSharpSyntaxTree.ParseText(ImplicitUsings, Options)],
            [Spaces, .. References.Where(r => r.Name != assembly && !unknown.Contains(r.Name)).Select(r => r.Reference)],
            new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        // What does not compile names nothing, and would pass.
        var errors = compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error && !ofGenerated.Contains(d.Id));
        Assert.Equal([], errors.Select(d => d.ToString()));
        return [.. trees.SelectMany(tree => In(tree, compilation)).DistinctBy(a => (a.From, a.To))];
    }

    private static IEnumerable<Arrow> In(SyntaxTree tree, CSharpCompilation compilation)
    {
        var model = compilation.GetSemanticModel(tree);
        foreach (var node in tree.GetRoot().DescendantNodes(n => n is not UsingDirectiveSyntax))
        {
            if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax)) continue;
            var symbol = model.GetSymbolInfo(node).Symbol;
            var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            if (type is null || !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)) continue;
            if (node.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>() is not { } home) continue;
            var (from, to) = (home.Name.ToString(), type.ContainingNamespace.ToDisplayString());
            // What a compiler wants of a library that lacks it lies in a namespace of the system.
            if (from == to || to.StartsWith("System.", StringComparison.Ordinal)) continue;
            yield return new(from, to, $"{tree.FilePath} line {tree.GetLineSpan(node.Span).StartLinePosition.Line + 1} names {node}");
        }
    }
}
