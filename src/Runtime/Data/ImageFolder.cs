namespace DataSsl.Runtime.Data;

/// <summary>
/// The images under a folder, in ordinal order of their relative names (so the same everywhere). Files are chosen by extension (any case),
/// at any depth; hidden files and folders are left out, and so are those that other programs put there.
/// </summary>
/// <remarks>
/// Classes are the first-level sub-folders, when every image sits in one and there are at least two of them. Any other layout is
/// unlabelled. A folder that holds a training set beside a test or validation set stands for the training set, so that nothing is trained
/// on the others by accident.
/// </remarks>
public static class ImageFolder
{
    private static readonly string[] trainNames = ["train", "training"], testNames = ["test", "testing", "val", "valid", "validation"];

    /// <summary>Lists the images under <paramref name="root"/>.</summary>
    /// <exception cref="UserException">The folder is missing or unreadable, or holds no image.</exception>
    public static ImageFiles Open(string root)
    {
        if (File.Exists(root))
            throw new UserException(
                $"the image folder '{root}' is a file; give the folder that holds the images, or a list of them in a .txt file");
        if (!Directory.Exists(root)) throw new UserException($"the image folder '{root}' does not exist");
        try
        {
            var walk = new FolderWalk(root);
            var notes = Notes(root, walk);
            var names = walk.Files.Where(ImageFiles.IsImage).Select(path => Relative(root, path)).Order(StringComparer.Ordinal).ToArray();
            if (names.Length == 0)
                throw new UserException(
                    $"the image folder '{root}' holds no image ({ImageFiles.Kinds}), at any depth{(walk.Files.Count == 0 ? "" : $"; it has {Others(walk.Files)}")}");
            return Sets(names) is var (train, tests)
                ? OfTrain(root, names, train, tests, notes, walk)
                : Of(root, root, "folder", names, notes, walk);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot list the image folder '{root}': {e.Message}", e);
        }
    }

    /// <summary>The training set alone, as it is when its folder is given.</summary>
    private static ImageFiles OfTrain(string root, string[] names, string train, string[] tests, List<string> notes, FolderWalk walk)
    {
        var own = names.Where(name => FirstFolder(name) == train).Select(name => name[(train.Length + 1)..]).ToArray();
        notes.Add(
            FormattableString.Invariant(
                $"{root}: stands for its {train}/; left out are {names.Length - own.Length:N0} images beside it ({string.Join(", ", tests.Select(test => $"{test}/"))}), which are to be tested on"));
        return Of(root, Path.Combine(root, train), $"folder, its {train}/", own, notes, walk);
    }

    private static ImageFiles Of(string root, string folder, string layout, string[] names, List<string> notes, FolderWalk walk)
    {
        var folders = Array.ConvertAll(names, name => Composition.Of(FirstFolder(name)));
        var classes = folders.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (classes.Length >= 2 && classes[0].Length > 0)
        {
            MustBeOfOneClass(root, folder, names, folders, walk.FileLinks);
            return new(
                root, layout, folder, names, Array.ConvertAll(folders, name => Array.BinarySearch(classes, name, StringComparer.Ordinal)),
                classes)
            { Notes = notes };
        }
        string? why = null;
        if (classes.Length > 2)
        {
            var stray = names.Where(name => FirstFolder(name).Length == 0).ToArray();
            why = FormattableString.Invariant(
                $"{(stray.Length == 1 ? $"'{stray[0]}' lies" : $"'{stray[0]}' and {stray.Length - 1:N0} more lie")} beside the folders that would be its {classes.Length - 1:N0} classes");
            notes.Add($"{root}: no classes, since {why}");
        }
        return new(root, layout, folder, names) { Notes = notes, WhyNoClasses = why };
    }

    /// <summary>Refuses one image that stands under two classes, by a link: it cannot be of both.</summary>
    private static void MustBeOfOneClass(string root, string folder, string[] names, string[] classes, HashSet<string> links)
    {
        if (links.Count == 0) return;
        var (first, folders) = (new Dictionary<string, int>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal));
        for (var i = 0; i < names.Length; i++)
        {
            var path = Path.Combine(folder, names[i]);
            if (FolderWalk.RealFile(path, links.Contains(path), folders) is not { } file || first.TryAdd(file, i)) continue;
            if (classes[i] != classes[first[file]])
                throw new UserException(
                    $"{root}: '{names[first[file]]}' and '{names[i]}' are one image by a link, under two classes; take one of them out");
        }
    }

    /// <summary>The folder of the training set and those of the others, where there are both.</summary>
    private static (string Train, string[] Tests)? Sets(string[] names)
    {
        var folders = names.Select(FirstFolder).Distinct().ToArray();
        var train = folders.FirstOrDefault(name => trainNames.Contains(name, StringComparer.OrdinalIgnoreCase));
        var tests = folders.Where(name => testNames.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
        return train is null || tests.Length == 0 ? null : (train, tests);
    }

    /// <summary>What is left out, a line a kind.</summary>
    private static List<string> Notes(string root, FolderWalk walk)
    {
        var notes = new List<string>();
        if (walk.Files.Where(path => !ImageFiles.IsImage(path)).ToList() is { Count: > 0 } left)
            notes.Add($"{root}: left out {Others(left)}");
        if (walk.Others.Count > 0)
            notes.Add(
                FormattableString.Invariant(
                    $"{root}: left out {walk.Others.Count:N0} {(walk.Others.Count == 1 ? "folder of another program" : "folders of other programs")}, the first '{Relative(root, walk.Others.Min(StringComparer.Ordinal)!)}'"));
        if (walk.IdleLinks.Count > 0)
            notes.Add(
                FormattableString.Invariant(
                    $"{root}: left out {walk.IdleLinks.Count:N0} {(walk.IdleLinks.Count == 1 ? "link to a folder" : "links to folders")} that {(walk.IdleLinks.Count == 1 ? "is" : "are")} listed already, or above, the first '{Relative(root, walk.IdleLinks[0])}'"));
        return notes;
    }

    /// <summary>
    /// How many files there are of which extension, such as "3 files that are no images by their names (2 .heic, 1 .txt)".
    /// </summary>
    private static string Others(IReadOnlyCollection<string> files)
    {
        const int most = 5;
        var kinds = files.CountBy(path => Path.GetExtension(path).ToLowerInvariant()).OrderByDescending(kind => kind.Value)
            .ThenBy(kind => kind.Key, StringComparer.Ordinal).ToArray();
        var told = kinds.Take(most)
            .Select(kind => FormattableString.Invariant($"{kind.Value:N0} {(kind.Key.Length == 0 ? "without an extension" : kind.Key)}"));
        return FormattableString.Invariant(
            $"{files.Count:N0} {(files.Count == 1 ? "file that is no image by its name" : "files that are no images by their names")} ({string.Join(", ", told)}{(kinds.Length > most ? ", ..." : "")})");
    }

    private static string FirstFolder(string name) => name.IndexOf('/') is > 0 and var slash ? name[..slash] : "";

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
}
