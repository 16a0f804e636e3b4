using System.Text.Json;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// COCO's layout: annotation files in <c>annotations/</c>, whose <c>images[].file_name</c> lie in a folder beside it. The folder stands for
/// its first annotation file with "train" in the name, an annotation file for itself. Images come in ordinal order of their names;
/// annotations are not read.
/// </summary>
internal static class Coco
{
    private const string Annotations = "annotations";
    private const int LongestWord = 64 << 20;

    public static bool Is(string path) =>
        (File.Exists(path) && Path.GetExtension(path) == ".json") || (Directory.Exists(path) && Files(path).Any());

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
            ?? throw new UserException(
                $"{file}: its images ('{names[0]}', ...) are in none of {string.Join(", ", candidates.Select(folder => $"'{folder}'"))}");
    }

    /// <summary>Read piece by piece: the annotations of the whole set are half a gigabyte.</summary>
    private static List<string> Names(string file)
    {
        var (names, place) = (new List<string>(), default(Place));
        var buffer = new byte[1 << 16];
        var (state, filled) = (new JsonReaderState(), 0);
        using var stream = RegularFile.OpenStream(file);
        try
        {
            for (var isLast = false; !isLast;)
            {
                var count = stream.Read(buffer, filled, buffer.Length - filled);
                isLast = count == 0;
                var reader = new Utf8JsonReader(buffer.AsSpan(0, filled + count), isLast, state);
                while (reader.Read()) place.See(ref reader, names);
                state = reader.CurrentState;
                var used = (int)reader.BytesConsumed;
                filled = filled + count - used;
                buffer.AsSpan(used, filled).CopyTo(buffer);
                // A word longer than the buffer.
                if (filled == buffer.Length)
                    Array.Resize(
                        ref buffer,
                        filled < LongestWord
                            ? 2 * filled
                            : throw new UserException(
                                $"{file}: not an annotation file of COCO's: a word of more than {LongestWord >> 20} MiB"));
            }
        }
        catch (InvalidOperationException e)
        {
            throw new UserException($"{file}: the name of an image is no text", e);
        }
        catch (JsonException e)
        {
            throw new UserException($"{file}:{e.LineNumber + 1}: not JSON, or cut short", e);
        }
        return names;
    }

    /// <summary>Where the reader is.</summary>
    private struct Place
    {
        private bool isNextImages, isInImages, isNextName;

        /// <summary>Takes the next word; of the names those of <c>images[].file_name</c>, of no deeper object.</summary>
        public void See(ref Utf8JsonReader reader, List<string> names)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.CurrentDepth == 1) (isNextImages, isInImages) = (reader.ValueTextEquals("images"), false);
                isNextName = isInImages && reader.CurrentDepth == 3 && reader.ValueTextEquals("file_name");
                return;
            }
            if (isNextImages) (isNextImages, isInImages) = (false, reader.TokenType == JsonTokenType.StartArray);
            if (isNextName && reader.TokenType == JsonTokenType.String) names.Add(reader.GetString()!);
            isNextName = false;
        }
    }
}
