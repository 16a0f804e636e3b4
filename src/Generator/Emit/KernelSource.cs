using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DataSsl.Generator.Emit;

/// <summary>
/// Source that is compiled and tested elsewhere, carried in this assembly and written below a class as it stands, the part of it that the
/// class uses: the kernels of a pure class, the convolution of a folded one.
/// </summary>
internal sealed class KernelSource
{
    private const string Prefix = "Kernels.";

    /// <summary>What the kernels have from their project without naming it.</summary>
    public static readonly string[] ImplicitNamespaces =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading",
    ];

    private static readonly Lazy<IReadOnlyList<KernelSource>> All = new(() => [.. Resources()]);

    private readonly HashSet<string> declared, named;

    private KernelSource(string text)
    {
        var unit = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text).GetRoot();
        Namespaces = [.. unit.Usings.Select(u => u.Name!.ToString())];
        // From behind the line that names the namespace.
        Text = text.Substring(unit.Members[0].DescendantTokens().First(t => t.IsKind(SyntaxKind.SemicolonToken)).FullSpan.End).Trim();
        declared = [.. unit.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(t => t.Identifier.ValueText)];
        named = [.. unit.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText)];
    }

    public IReadOnlyList<string> Namespaces { get; }

    public string Text { get; }

    /// <summary>The same within a class.</summary>
    public string Nested => Text.Replace("\ninternal ", "\nprivate ");

    /// <summary>The files that declare what is named, what they name in turn, and so on; in the order of their names.</summary>
    public static IReadOnlyList<KernelSource> For(IEnumerable<string> names)
    {
        var (found, open) = (new HashSet<KernelSource>(), new Queue<string>(names));
        while (open.Count > 0)
        {
            var name = open.Dequeue();
            foreach (var file in All.Value.Where(f => f.declared.Contains(name) && found.Add(f)))
                foreach (var next in file.named)
                    open.Enqueue(next);
        }
        return [.. All.Value.Where(found.Contains)];
    }

    private static IEnumerable<KernelSource> Resources()
    {
        var assembly = typeof(KernelSource).Assembly;
        foreach (var name in
            assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
                .OrderBy(n => n, StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return new(reader.ReadToEnd().Replace("\r\n", "\n"));
        }
    }
}
