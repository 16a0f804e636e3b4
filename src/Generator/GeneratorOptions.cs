using System.Collections.Generic;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis.Diagnostics;

namespace DataSsl.Generator;

/// <summary>What the project says to the generator, as plain values: the compiler hands out new option objects on every run.</summary>
/// <param name="SpaceNamespace">Namespace of spaces whose file names none.</param>
/// <param name="ModelNamespace">The same for fixed classes.</param>
internal sealed record GeneratorOptions(string SpaceNamespace, string ModelNamespace, EquatableArray<DiagnosticInfo> Diagnostics)
{
    public static GeneratorOptions Default { get; } = new(SpaceCompiler.DefaultNamespace, SpaceCompiler.DefaultModelNamespace, default);

    public static GeneratorOptions Read(AnalyzerConfigOptionsProvider provider)
    {
        if (!provider.GlobalOptions.TryGetValue("build_property.DataSslNamespace", out var name) || string.IsNullOrWhiteSpace(name))
            return Default;
        return Identifiers.IsNamespace(name) ? new(name, name, default) : Default with { Diagnostics = Refuse(name) };
    }

    private static EquatableArray<DiagnosticInfo> Refuse(string name) =>
        new[] { new DiagnosticInfo(Descriptors.BadNamespace, LocationInfo.None, new[] { name }.ToEquatableArray()) }.ToEquatableArray();
}
