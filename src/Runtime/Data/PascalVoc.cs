using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Pascal VOC's layout: <c>JPEGImages/</c> and, in <c>ImageSets/</c>, text files whose lines begin with the name of an image without its
/// extension. The folder stands for its trainval set, else its train set, so that nothing is trained on the test set by accident; a file of
/// <c>ImageSets/</c> for itself.
/// </summary>
internal static class PascalVoc
{
    private const string Images = "JPEGImages", Sets = "ImageSets";
    private const long MostBytes = 1L << 30;

    public static bool Is(string path) => Root(path) is not null;

    public static ImageFiles Open(string path)
    {
        var root = Root(path)!;
        var set = File.Exists(path)
            ? path
            : Set(root)
                ?? throw new UserException($"'{path}' has {Sets}, but neither trainval.txt nor train.txt in its Main; give a set's file");
        var byStem = Directory.EnumerateFiles(Path.Combine(root, Images)).Where(ImageFiles.IsImage).Select(file => Path.GetFileName(file)!)
            .GroupBy(file => Path.GetFileNameWithoutExtension(file)!)
                .ToDictionary(group => group.Key, group => group.Order(StringComparer.Ordinal).First());
        // An image that the set names and the folder lacks is told when it is read, as everywhere.
        var names = RegularFile.ReadText(set, MostBytes).Split('\n')
            .Select(line => line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()).OfType<string>()
            .Select(stem => $"{Images}/{byStem.GetValueOrDefault(stem, stem + ".jpg")}").ToArray();
        if (names.Length == 0) throw new UserException($"the set '{set}' names no image");
        return new(path, $"Pascal VOC, {Path.GetFileNameWithoutExtension(set)}", root, names);
    }

    private static string? Root(string path)
    {
        if (Directory.Exists(path)) return HasBoth(path) ? path : null;
        if (!File.Exists(path) || Path.GetExtension(path) != ".txt") return null;
        var sets = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(path)));
        return Path.GetFileName(sets) == Sets && Path.GetDirectoryName(sets) is { } root && HasBoth(root) ? root : null;
    }

    private static bool HasBoth(string root) => Directory.Exists(Path.Combine(root, Images)) && Directory.Exists(Path.Combine(root, Sets));

    private static string? Set(string root) =>
        new[] { "trainval.txt", "train.txt" }.Select(name => Path.Combine(root, Sets, "Main", name)).FirstOrDefault(File.Exists);
}
