namespace DataSsl.Runtime.Data;

/// <summary>
/// A text file with one image a line, relative to the file's own folder or absolute, in the order of the lines. Behind a tab (or, in a line without one, the
/// last comma) a line may name the image's class: all lines do, or none. Empty lines are passed over, and so is the heading of a <c>.csv</c> file: a first line that
/// names no image by its extension.
/// </summary>
internal static class ImageList
{
    public static bool Is(string path) => File.Exists(path) && Path.GetExtension(path).ToLowerInvariant() is ".txt" or ".tsv" or ".csv" or ".lst";

    public static ImageFiles Open(string path)
    {
        var lines = File.ReadAllLines(path).Select((text, i) => (Text: text.Trim(), Number: i + 1)).Where(line => line.Text.Length > 0).ToArray();
        if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) && lines.Length > 1 && !ImageFiles.IsImage(Split(lines[0].Text).Name)) lines = lines[1..];
        if (lines.Length == 0) throw new UserException($"the list '{path}' names no image; give one path a line");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var split = Array.ConvertAll(lines, line => Split(line.Text));
        var labelled = split[0].Label is not null;
        for (var i = 0; i < split.Length; i++)
        {
            if (split[i].Name.Contains('\0')) throw new UserException($"{path}:{lines[i].Number}: not text; a list has one path a line");
            if (split[i].Label is not null != labelled)
                throw new UserException($"{path}:{lines[i].Number}: {(labelled ? "has no class, and the lines before have" : "has a class, and the lines before have none")}; give one to all lines or to none");
        }
        var names = Array.ConvertAll(split, line => line.Name);
        if (!names.Any(name => File.Exists(Path.Combine(folder, name))))
            throw new UserException($"{path}:{lines[0].Number}: '{names[0]}' does not exist, nor does any other file of the list; paths are relative to the list's folder '{folder}'");
        if (!labelled) return new(path, "list file", folder, names);
        var classes = split.Select(line => line.Label!).Distinct().Order(StringComparer.Ordinal).ToArray();
        return new(path, "list file", folder, names, Array.ConvertAll(split, line => Array.BinarySearch(classes, line.Label, StringComparer.Ordinal)), classes);
    }

    private static (string Name, string? Label) Split(string line)
    {
        var at = line.LastIndexOf(line.Contains('\t') ? '\t' : ',');
        return at < 0 ? (line, null) : (line[..at].Trim(), line[(at + 1)..].Trim());
    }
}
