using System;
using System.Threading;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis;

namespace DataSsl.Generator;

/// <summary>A file as plain text, so that the pipeline compares content and not the compiler's objects.</summary>
internal sealed record YamlFile(string Path, string Text)
{
    public static bool IsSpace(AdditionalText file) => file.Path.EndsWith(".space.yaml", StringComparison.OrdinalIgnoreCase);

    public static bool IsArchitecture(AdditionalText file) => file.Path.EndsWith(".arch.yaml", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file that cannot be read is an empty one: the parser says what it needs.</summary>
    public static YamlFile Read(AdditionalText file, CancellationToken cancellation) => new(file.Path, file.GetText(cancellation)?.ToString() ?? "");
}

/// <summary>A parsed space file: its space, or what is wrong with it.</summary>
public sealed record ParsedSpace(string Path, Space? Space, EquatableArray<Diagnostics.DiagnosticInfo> Diagnostics);

/// <summary>A parsed architecture file: the class that it asks for, or what is wrong with it.</summary>
internal sealed record ParsedArchitecture(string Path, FixedClass? Class, EquatableArray<Diagnostics.DiagnosticInfo> Diagnostics);

/// <summary>An architecture of a space that becomes a class of its own.</summary>
internal sealed record FixedClass(Space Space, Emit.FixedClassSpec Spec) : IEquatable<FixedClass>;
