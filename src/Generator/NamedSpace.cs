using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Model;
using Microsoft.CodeAnalysis.Text;

namespace DataSsl.Generator;

/// <summary>A space's name and file: all that the checks across files and the registry need.</summary>
internal sealed record NamedSpace(string Name, string Namespace, string Path)
{
    /// <summary>The spaces whose name is theirs alone, in ordinal order.</summary>
    public static EquatableArray<NamedSpace> Distinct(IEnumerable<NamedSpace> all) =>
        Groups(all).Where(g => g.Count() == 1).Select(g => g.First()).OrderBy(s => s.Name, StringComparer.Ordinal).ToEquatableArray();

    /// <summary>One diagnostic for each file of a name that is taken more than once.</summary>
    public static IEnumerable<DiagnosticInfo> Duplicates(IEnumerable<NamedSpace> all) =>
        from g in Groups(all)
        where g.Count() > 1
        from space in g
        let other = g.First(s => s != space)
        select new DiagnosticInfo(
            Descriptors.DuplicateSpace, new(space.Path, default, default(LinePositionSpan)), new[] { space.Name, System.IO.Path.GetFileName(other.Path) }.ToEquatableArray());

    private static IEnumerable<IGrouping<string, NamedSpace>> Groups(IEnumerable<NamedSpace> all) =>
        all.OrderBy(s => s.Path, StringComparer.Ordinal).GroupBy(s => s.Name, StringComparer.OrdinalIgnoreCase);
}
