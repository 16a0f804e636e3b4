using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Dense.Data;

/// <summary>
/// YOLO's text file of an image: a line an object, with the class's number and the box's middle, width and height in shares of the image's
/// sides.
/// </summary>
internal static class YoloAnnotations
{
    private const long MostBytes = 1 << 24;

    private static readonly string[] classFiles = ["classes.txt", "obj.names"];

    /// <summary>The classes' names, a line each, from beside the labels or a folder above.</summary>
    /// <exception cref="UserException">There are none.</exception>
    public static IReadOnlyList<string> Classes(string root)
    {
        var folders = Parents(root).Take(2).Prepend(root).SelectMany(folder => new[] { folder, Path.Combine(folder, "labels") });
        var file = folders.SelectMany(folder => classFiles.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new UserException(
                $"{root}: YOLO's labels have numbers for classes, and no {string.Join(" or ", classFiles)} says their names; write one, a name a line, or give the names");
        var names = RegularFile.ReadGiven(file, MostBytes).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        if (names.Length == 0) throw new UserException($"{file}: names no class; write a name a line");
        return names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new UserException($"{file}: names the class '{twice.Key}' twice; write each once") : names;
    }

    /// <summary>The file of an image: in labels/ where the image is in images/, else beside it.</summary>
    public static string FileOf(string image)
    {
        var separator = Path.DirectorySeparatorChar;
        var (from, to) = ($"{separator}images{separator}", $"{separator}labels{separator}");
        var text = Path.ChangeExtension(Path.GetFullPath(image), ".txt");
        return text.LastIndexOf(from, StringComparison.Ordinal) is >= 0 and var at ? text[..at] + to + text[(at + from.Length)..] : text;
    }

    /// <summary>What a file marks; nothing where there is none, as YOLO has it.</summary>
    /// <param name="path">The text file.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="faults">Of single lines.</param>
    /// <exception cref="UserException">It cannot be read.</exception>
    public static MarkedImage Read(string path, IReadOnlyList<string> classes, Faults faults)
    {
        var objects = new List<Marked>();
        if (!Path.Exists(path)) return new(path, objects, IsRelative: true);
        foreach (var (index, line) in RegularFile.ReadGiven(path, MostBytes).Split('\n').Index())
        {
            var place = FormattableString.Invariant($"{path}:{index + 1}");
            var words = line.Split((char[]?)null, 7, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            var numbers = words.Skip(1)
                .Select(
                    word =>
                        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                            ? number
                            : double.NaN)
                .ToArray();
            if (numbers.Length != 4 || numbers.Any(double.IsNaN)) faults.Add("not a class's number and four numbers of a box", place);
            else if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= classes.Count)
                faults.Add("a class that is not among the names", place);
            else
                objects.Add(
                    new(place, classes[number], new(numbers[0] - numbers[2] / 2, numbers[1] - numbers[3] / 2, numbers[2], numbers[3])));
        }
        return new(path, objects, IsRelative: true);
    }

    private static IEnumerable<string> Parents(string folder)
    {
        for (var at = Path.GetDirectoryName(Path.GetFullPath(folder)); at is not null; at = Path.GetDirectoryName(at)) yield return at;
    }
}
