using System.Globalization;
using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DataSsl.Search.Emit;

/// <summary>Which names an emitted class can have, told before anything is computed rather than by a compiler error at the end.</summary>
public static class EmittedNames
{
    private const string ProbeClass = "ProbeClassName";
    private const string ProbeNamespace = "ProbeNamespaceName";

    /// <summary>With the endings of its files a name that every disk takes.</summary>
    private const int MostCharacters = 100;

    /// <summary>
    /// Passes names under which the class compiles without warnings; a <see cref="UserException"/> says what is wrong with others.
    /// </summary>
    public static void Check(SearchSpace space, string className, string @namespace) =>
        Check(SpacePlan.Of(space), className, @namespace);

    /// <inheritdoc cref="Check(SearchSpace, string, string)"/>
    /// <param name="plan">The class's, or that of a part of what is emitted.</param>
    /// <param name="further">Sources of what is emitted beside it, none of whose names may be its.</param>
    public static void Check(NetworkPlan plan, string className, string @namespace, params string[] further)
    {
        var (used, space) = (Used(plan), plan.Space);
        foreach (var source in further)
            used.UnionWith(
                CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken))
                    .Select(t => t.ValueText));
        if (Fault(className, used) is { } fault)
            throw new UserException($"class name '{className}' {fault}; give one such as {space.Name}Small");
        if (!className.Any(char.IsUpper))
            throw new UserException(
                $"class name '{className}' has no capital letter, which the C# compiler warns of; give one such as {space.Name}Small");
        foreach (var part in @namespace.Split('.'))
            if (Fault(part, used) is { } wrong)
                throw new UserException($"namespace '{@namespace}': '{part}' {wrong}; give one such as Acme.Models");
    }

    private static string? Fault(string name, HashSet<string> used) =>
        !SyntaxFacts.IsValidIdentifier(name) ? "is not a C# identifier"
        // C# leaves them out: the class would have another name than its files.
        : name.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.Format) ? "holds a character that nobody sees"
        : name.Length > MostCharacters ? $"is longer than {MostCharacters} characters"
        : SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None
            || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "is a C# keyword"
        : used.Contains(name) ? "would hide a name that the emitted code uses"
        : null;

    /// <summary>
    /// The identifiers of an emitted class beside its own name, but for those of members and variables of its inner classes, which hide the
    /// class there and not the class them, and for names behind a dot.
    /// </summary>
    private static HashSet<string> Used(NetworkPlan plan)
    {
        var largest = plan.Space.Axes.Select(a => a.Max).ToEquatableArray();
        var source = SpaceCompiler.EmitFixedClass(
            plan, new(ProbeClass, ProbeNamespace, largest, plan.Space.InputSize, Array.Empty<string>().ToEquatableArray()));
        var root = CSharpSyntaxTree.ParseText(source).GetRoot();
        var inner = root.DescendantNodes().OfType<TypeDeclarationSyntax>()
            .Where(type => type.Parent is ClassDeclarationSyntax { Identifier.ValueText: ProbeClass }).ToList();
        var members = inner.ToDictionary(type => type, type => type.DescendantNodes().SelectMany(Declared).ToHashSet());
        var names = root.DescendantTokens()
            .Where(
                t =>
                    t.IsKind(SyntaxKind.IdentifierToken) && !IsOfSomething(t)
                        && !members.Any(type => type.Key.FullSpan.Contains(t.Span) && type.Value.Contains(t.ValueText)))
            .Select(t => t.ValueText).ToHashSet();
        names.ExceptWith([ProbeClass, ProbeNamespace]);
        return names;
    }

    /// <summary>What stands behind a dot is looked for in what stands before it, whatever the class is called.</summary>
    private static bool IsOfSomething(SyntaxToken token) =>
        token.Parent is SimpleNameSyntax name && name.Parent is MemberAccessExpressionSyntax access && access.Name == name;

    private static IEnumerable<string> Declared(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => [method.Identifier.ValueText],
        PropertyDeclarationSyntax property => [property.Identifier.ValueText],
        VariableDeclaratorSyntax variable => [variable.Identifier.ValueText],
        ParameterSyntax parameter => [parameter.Identifier.ValueText],
        SingleVariableDesignationSyntax variable => [variable.Identifier.ValueText],
        ForEachStatementSyntax loop => [loop.Identifier.ValueText],
        LocalFunctionStatementSyntax function => [function.Identifier.ValueText],
        _ => [],
    };
}
