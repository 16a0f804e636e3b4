using System.IO.Enumeration;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Lists the files under a folder. Links to folders are followed, since data sets are often linked, but each folder is listed once, under
/// its own name where it has one here: neither a circle of links nor two ways to the same folder give an image twice, and no link leads
/// upwards, to what lies beside the folder that was asked for.
/// </summary>
internal sealed class FolderWalk
{
    /// <summary>Folders that file servers, systems and archivers put among a user's, with thumbnails and deleted files.</summary>
    private static readonly HashSet<string> others = new(StringComparer.OrdinalIgnoreCase)
    {
        "@eaDir", "@tmp", "@Recycle", "@Recently-Snapshot", "#recycle", "#snapshot", "$RECYCLE.BIN", "RECYCLER",
        "System Volume Information", "lost+found", "__MACOSX", "__pycache__",
    };

    private readonly string root;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Path, string Holder)> links = new(
        Comparer<(string Path, string Holder)>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path)));

    /// <summary>Lists everything.</summary>
    /// <exception cref="IOException">A folder vanished or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public FolderWalk(string root)
    {
        this.root = Real(Path.GetFullPath(root));
        List(root, this.root);
        // By name, so that it is the same everywhere which of two links counts.
        while (links.Count > 0)
        {
            var (path, holder) = links.Min;
            links.Remove((path, holder));
            var target = Real(Path.GetFullPath(path));
            if (seen.Contains(target) || Holds(target, this.root) || Holds(target, holder)) IdleLinks.Add(path);
            else List(path, target);
        }
    }

    /// <summary>Full paths of all files that are not hidden, in no particular order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Those of <see cref="Files"/> that are links.</summary>
    public HashSet<string> FileLinks { get; } = new(StringComparer.Ordinal);

    /// <summary>Links to folders that are listed already, or that lead upwards.</summary>
    public List<string> IdleLinks { get; } = [];

    /// <summary>Folders of other programs, which are left out.</summary>
    public List<string> Others { get; } = [];

    private void List(string path, string real)
    {
        var open = new Stack<(string Path, string Real)>([(path, real)]);
        while (open.TryPop(out var folder))
        {
            if (!seen.Add(folder.Real)) continue;
            var options = new EnumerationOptions { IgnoreInaccessible = false };
            foreach (var (name, isFolder, isLink) in new FileSystemEnumerable<(string Name, bool IsFolder, bool IsLink)>(
                folder.Path, (ref FileSystemEntry entry) =>
                    (entry.FileName.ToString(), entry.IsDirectory, (entry.Attributes & FileAttributes.ReparsePoint) != 0), options))
            {
                var here = Path.Combine(folder.Path, name);
                if (!isFolder)
                {
                    Files.Add(here);
                    if (isLink) FileLinks.Add(here);
                    continue;
                }
                MustBeNameable(here);
                if (others.Contains(name)) Others.Add(here);
                else if (isLink) links.Add((here, folder.Real));
                else open.Push((here, Path.Combine(folder.Real, name)));
            }
        }
    }

    /// <summary>
    /// What a file is in truth: where its last link leads, along folders without links; null where that cannot be followed.
    /// </summary>
    /// <param name="folders">Of the folders that were asked for, in truth; grows.</param>
    public static string? RealFile(string path, bool isLink, Dictionary<string, string> folders)
    {
        try
        {
            var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
            var folder = Path.GetDirectoryName(target)!;
            if (!folders.TryGetValue(folder, out var real)) folders.Add(folder, real = Real(folder));
            return Path.Combine(real, Path.GetFileName(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Refuses a folder with bytes in its name that are no UTF-8: what is read in their place names nothing.</summary>
    private static void MustBeNameable(string folder)
    {
        if (folder.Contains('\uFFFD') && !Path.Exists(folder))
            throw new IOException($"the name of '{folder}' is not UTF-8; rename that folder");
    }

    /// <summary>Whether a folder is another one, or one above it.</summary>
    private static bool Holds(string folder, string other) =>
        (Path.TrimEndingDirectorySeparator(other) + Path.DirectorySeparatorChar)
            .StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A full path without links, in any of its parts.</summary>
    private static string Real(string path)
    {
        // As many as the system follows; a circle of links has no end.
        for (var left = 40; left > 0; left--)
        {
            if (FirstLink(path) is not (var link, var behind)) return Path.TrimEndingDirectorySeparator(path);
            var target = Directory.ResolveLinkTarget(link, returnFinalTarget: false)
                ?? throw new IOException($"the link '{link}' cannot be followed");
            path = behind.Length == 0 ? target.FullName : Path.Combine(target.FullName, behind);
        }
        throw new IOException($"'{path}' is a link that leads to itself");
    }

    private static (string Link, string Behind)? FirstLink(string path)
    {
        var start = Path.GetPathRoot(path)!;
        var parts = path[start.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var here = start;
        for (var i = 0; i < parts.Length; i++)
        {
            here = Path.Combine(here, parts[i]);
            MustBeNameable(here);
            if ((new DirectoryInfo(here).Attributes & FileAttributes.ReparsePoint) != 0)
                return (here, string.Join(Path.DirectorySeparatorChar, parts[(i + 1)..]));
        }
        return null;
    }
}
