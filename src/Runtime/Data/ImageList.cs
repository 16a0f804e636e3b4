using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// A text file with one image a line, relative to the file's own folder or absolute, in the order of the lines. Behind a tab (or, in a line
/// without one, the last comma) a line may name the image's class: all lines do, or none. In a <c>.csv</c> or <c>.tsv</c> file a name or
/// class may stand in quotes. Empty lines are passed over, and so is the heading of such a file: a first line that names no file, without a
/// folder or an extension of an image, and a class of its own.
/// </summary>
internal static class ImageList
{
    private const long MostBytes = 1L << 30;

    public static bool Is(string path) =>
        File.Exists(path) && Path.GetExtension(path).ToLowerInvariant() is ".txt" or ".tsv" or ".csv" or ".lst";

    public static ImageFiles Open(string path)
    {
        var isTable = Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv";
        var lines = DelimitedText.Read(path, RegularFile.ReadText(path, MostBytes), quotes: isTable).Select(record => Line.Of(path, record))
            .ToArray();
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var notes = new List<string>();
        if (isTable && lines.Length > 0 && IsHeading(lines, folder))
        {
            notes.Add($"{path}:{lines[0].Number}: '{lines[0].Name}' is taken for a heading, as there is no such file");
            lines = lines[1..];
        }
        if (lines.Length == 0) throw new UserException($"the list '{path}' names no image; give one path a line");
        var labelled = lines[0].Label is not null;
        foreach (var line in lines)
            if (line.Label is not null != labelled)
                throw new UserException(
                    $"{path}:{line.Number}: {(labelled ? "has no class, and the lines before have" : "has a class, and the lines before have none")}; give one to all lines or to none");
        var names = Array.ConvertAll(lines, line => line.Name);
        if (!names.Any(name => File.Exists(Path.Combine(folder, name))))
            throw new UserException(
                $"{path}:{lines[0].Number}: '{names[0]}' does not exist, nor does any other file of the list; paths are relative to the list's folder '{folder}'");
        if (!labelled) return new(path, "list file", folder, names) { Notes = notes };
        MustBeOfOneClass(path, folder, lines);
        var classes = lines.Select(line => line.Label!).Distinct().Order(StringComparer.Ordinal).ToArray();
        return new(
            path, "list file", folder, names,
            Array.ConvertAll(lines, line => Array.BinarySearch(classes, line.Label, StringComparer.Ordinal)), classes)
        { Notes = notes };
    }

    /// <summary>Refuses an image that is listed under two classes: it cannot be of both.</summary>
    private static void MustBeOfOneClass(string path, string folder, Line[] lines)
    {
        var first = new Dictionary<string, Line>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var image = Path.GetFullPath(Path.Combine(folder, line.Name));
            if (!first.TryAdd(image, line) && first[image] is var other && other.Label != line.Label)
                throw new UserException(
                    $"{path}:{line.Number}: '{line.Name}' is of class '{line.Label}', and in line {other.Number} of '{other.Label}'; take one of the lines out");
        }
    }

    private static bool IsHeading(Line[] lines, string folder) =>
        !ImageFiles.IsImage(lines[0].Name) && !lines[0].Name.AsSpan().ContainsAny('/', '\\')
            && !File.Exists(Path.Combine(folder, lines[0].Name))
        && (lines[0].Label is null || lines.Skip(1).All(line => line.Label != lines[0].Label));

    /// <summary>An image of a list.</summary>
    private sealed record Line(int Number, string Name, string? Label)
    {
        public static Line Of(string path, DelimitedText.Record record)
        {
            var fields = record.Fields;
            var isQuoted = fields.Any(field => field.IsQuoted);
            // A name without quotes may hold commas: the class stands behind the last.
            var name = fields.Count == 1 || isQuoted ? fields[0].Text : record.Head;
            if (fields.Count > 2 && isQuoted)
                throw new UserException($"{path}:{record.Line}: {fields.Count} fields; a line has a path and perhaps a class");
            if (name.Length == 0) throw new UserException($"{path}:{record.Line}: names no image; give one path a line");
            if (name.Contains('\0')) throw new UserException($"{path}:{record.Line}: not text; a list has one path a line");
            return new(
                record.Line, name, fields.Count > 1 && fields[^1].Text.Trim() is { Length: > 0 } label ? Composition.Of(label) : null);
        }
    }
}
