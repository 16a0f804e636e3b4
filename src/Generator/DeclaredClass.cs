using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator;

/// <summary>A class that a file asks for: all that the checks across files and the registry need.</summary>
internal sealed record DeclaredClass(string Name, string Namespace, string Path) : IEquatable<DeclaredClass>
{
    /// <summary>
    /// The classes whose name is taken more than once: one name would mean one emitted file, so none of them is emitted. Almost always
    /// empty.
    /// </summary>
    public static EquatableArray<DeclaredClass> Clashes(IEnumerable<DeclaredClass> all) =>
        all.GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).SelectMany(g => g)
            .OrderBy(c => c.Path, StringComparer.Ordinal).ToEquatableArray();

    /// <summary>One diagnostic for each of them, which names another.</summary>
    public static IEnumerable<DiagnosticInfo> Report(EquatableArray<DeclaredClass> clashes) =>
        from clash in clashes
        let other = clashes.First(c => !ReferenceEquals(c, clash) && c.HasName(clash.Name))
        select new DiagnosticInfo(
            Descriptors.DuplicateClass, new(clash.Path, default, default),
            new[] { clash.Name, System.IO.Path.GetFileName(other.Path) }.ToEquatableArray());

    /// <summary>The full names of those that are emitted, in ordinal order.</summary>
    public static EquatableArray<string> Listed(IEnumerable<DeclaredClass> all, EquatableArray<DeclaredClass> clashes) =>
        all.Where(s => !clashes.Any(c => c.HasName(s.Name))).OrderBy(s => s.Name, StringComparer.Ordinal)
            .Select(s => $"{s.Namespace}.{s.Name}").ToEquatableArray();

    public bool HasName(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
