using System;
using System.Threading;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis;

namespace DataSsl.Generator;

/// <summary>A space file as plain text, so that the pipeline compares content and not the compiler's objects.</summary>
internal sealed record SpaceFile(string Path, string Text)
{
    public const string Suffix = ".space.yaml";

    public static bool Matches(AdditionalText file) => file.Path.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>A file that cannot be read is an empty one: the parser says what a space file needs.</summary>
    public static SpaceFile Read(AdditionalText file, CancellationToken cancellation) => new(file.Path, file.GetText(cancellation)?.ToString() ?? "");
}

/// <summary>A parsed file: its space, or what is wrong with it.</summary>
public sealed record ParsedSpace(string Path, Space? Space, EquatableArray<Diagnostics.DiagnosticInfo> Diagnostics);
