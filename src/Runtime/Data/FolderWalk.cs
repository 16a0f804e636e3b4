using System.IO.Enumeration;

namespace DataSsl.Runtime.Data;

/// <summary>Lists the files under a folder, following links to folders (data sets are often linked) but never round in a circle.</summary>
internal static class FolderWalk
{
    /// <summary>Full paths of all files that are not hidden, in no particular order.</summary>
    /// <exception cref="IOException">A folder vanished or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public static IEnumerable<string> Files(string root)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
        return new FileSystemEnumerable<string>(root, (ref FileSystemEntry entry) => entry.ToFullPath(), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !LeadsUpwards(ref entry),
        };
    }

    private static bool LeadsUpwards(ref FileSystemEntry entry)
    {
        if ((entry.Attributes & FileAttributes.ReparsePoint) == 0) return false;
        if (Directory.ResolveLinkTarget(entry.ToFullPath(), returnFinalTarget: true) is not { } target) return false;
        var here = Path.GetFullPath(entry.Directory.ToString()) + Path.DirectorySeparatorChar;
        return here.StartsWith(Path.TrimEndingDirectorySeparator(target.FullName) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }
}
