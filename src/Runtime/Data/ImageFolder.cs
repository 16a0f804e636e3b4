namespace DataSsl.Runtime.Data;

/// <summary>
/// The images under a folder, in ordinal order of their relative names (so the same everywhere). Files are chosen by extension (any case), at any depth;
/// hidden files and folders are left out.
/// </summary>
/// <remarks>Classes are the first-level sub-folders, when every image sits in one and there are at least two of them. Any other layout is unlabelled.</remarks>
public static class ImageFolder
{
    /// <summary>Lists the images under <paramref name="root"/>.</summary>
    /// <exception cref="UserException">The folder is missing or unreadable, or holds no image.</exception>
    public static ImageFiles Open(string root)
    {
        if (File.Exists(root)) throw new UserException($"the image folder '{root}' is a file; give the folder that holds the images, or a list of them in a .txt file");
        if (!Directory.Exists(root)) throw new UserException($"the image folder '{root}' does not exist");
        try
        {
            var names = FolderWalk.Files(root)
                .Where(ImageFiles.IsImage)
                .Select(path => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal)
                .ToArray();
            if (names.Length == 0) throw new UserException($"the image folder '{root}' holds no .jpg, .jpeg, .png, .webp, .tif, .tiff, .bmp or .gif file, at any depth");
            var (classNames, labels) = Classify(names);
            return new(root, "folder", root, names, labels, classNames);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot list the image folder '{root}': {e.Message}", e);
        }
    }

    private static (string[] ClassNames, int[]? Labels) Classify(string[] names)
    {
        var folders = Array.ConvertAll(names, name => name.IndexOf('/') is > 0 and var slash ? name[..slash] : "");
        var classes = folders.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (classes.Length < 2 || classes[0] == "") return ([], null);
        return (classes, Array.ConvertAll(folders, folder => Array.BinarySearch(classes, folder, StringComparer.Ordinal)));
    }
}
