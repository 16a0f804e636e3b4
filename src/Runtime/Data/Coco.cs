using System.Text.Json;

namespace DataSsl.Runtime.Data;

/// <summary>
/// COCO's layout: annotation files in <c>annotations/</c>, whose <c>images[].file_name</c> lie in a folder beside it. The folder stands for its first annotation
/// file with "train" in the name, an annotation file for itself. Images come in ordinal order of their names; annotations are not read.
/// </summary>
internal static class Coco
{
    private const string Annotations = "annotations";

    public static bool Is(string path) => (File.Exists(path) && Path.GetExtension(path) == ".json") || (Directory.Exists(path) && Files(path).Any());

    public static ImageFiles Open(string path)
    {
        var file = File.Exists(path) ? path
            : Files(path).FirstOrDefault(name => Path.GetFileName(name).Contains("train", StringComparison.Ordinal))
              ?? throw new UserException($"'{path}' has COCO's annotations, but none with 'train' in the name; give an annotation file");
        var names = Names(file).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0) throw new UserException($"{file}: has no images with a file_name; give an annotation file of COCO's");
        return new(path, $"COCO, {Path.GetFileNameWithoutExtension(file)}", Folder(file, names), names);
    }

    private static IEnumerable<string> Files(string root)
    {
        var folder = Path.Combine(root, Annotations);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];
    }

    /// <summary>The folder that holds the first images: that of the split (train2017), perhaps in images/, or one for all splits.</summary>
    private static string Folder(string file, string[] names)
    {
        var here = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var root = Path.GetFileName(here) == Annotations ? Path.GetDirectoryName(here)! : here;
        var split = Path.GetFileNameWithoutExtension(file).Split('_')[^1];
        string[] candidates = [Path.Combine(root, split), Path.Combine(root, "images", split), Path.Combine(root, "images"), root];
        return candidates.FirstOrDefault(folder => names.Take(100).Any(name => File.Exists(Path.Combine(folder, name))))
            ?? throw new UserException($"{file}: its images ('{names[0]}', ...) are in none of {string.Join(", ", candidates.Select(folder => $"'{folder}'"))}");
    }

    private static List<string> Names(string file)
    {
        var names = new List<string>();
        try
        {
            // Read token by token: the annotations of the whole set are half a gigabyte.
            var reader = new Utf8JsonReader(File.ReadAllBytes(file));
            var inImages = false;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.CurrentDepth == 1)
                {
                    inImages = reader.ValueTextEquals("images");
                    reader.Read();
                    if (!inImages || reader.TokenType != JsonTokenType.StartArray) reader.Skip();
                }
                else if (inImages && reader.CurrentDepth == 3)
                {
                    var isName = reader.ValueTextEquals("file_name");
                    reader.Read();
                    if (isName && reader.TokenType == JsonTokenType.String) names.Add(reader.GetString()!);
                    else reader.Skip();
                }
            }
        }
        catch (JsonException e)
        {
            throw new UserException($"{file}:{e.LineNumber + 1}: not JSON, or cut short", e);
        }
        return names;
    }
}
