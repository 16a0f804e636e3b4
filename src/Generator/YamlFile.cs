using System;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace DataSsl.Generator;

/// <summary>A file as plain text, so that the pipeline compares content and not the compiler's objects.</summary>
internal sealed record YamlFile(string Path, string Text)
{
    public static bool IsSpace(AdditionalText file) => file.Path.EndsWith(".space.yaml", StringComparison.OrdinalIgnoreCase);

    public static bool IsArchitecture(AdditionalText file) => file.Path.EndsWith(".arch.yaml", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file that cannot be read is an empty one: the parser says what it needs.</summary>
    public static YamlFile Read(AdditionalText file, CancellationToken cancellation) =>
        new(file.Path, file.GetText(cancellation)?.ToString() ?? "");
}
