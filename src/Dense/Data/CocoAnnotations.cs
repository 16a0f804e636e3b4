using System.Text.Json;
using System.Text.Unicode;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Dense.Data;

/// <summary>
/// COCO's file of a set: its images, its classes ("categories"), and a list of annotations, each with the number of its image and of its
/// class.
/// </summary>
internal sealed class CocoAnnotations
{
    /// <summary>COCO's own largest has half of it.</summary>
    private const long MostBytes = 1L << 30;

    private static readonly JsonDocumentOptions strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly Dictionary<string, (long Id, (long, long)? Size)> images = new(StringComparer.Ordinal);
    private readonly Dictionary<long, List<Marked>> objects = [];
    private readonly string path;

    private CocoAnnotations(string path) => this.path = path;

    /// <summary>The classes' names, by their numbers.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>What is marked on an image.</summary>
    /// <param name="name">Its file_name.</param>
    public MarkedImage Of(string name)
    {
        var (id, size) = images[name];
        return new(path, objects.GetValueOrDefault(id, []), size);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="withMasks">Whether masks are wanted.</param>
    /// <param name="faults">Of single annotations.</param>
    /// <exception cref="UserException">It is missing or not what it should be as a whole.</exception>
    public static CocoAnnotations Read(string path, bool withMasks, Faults faults)
    {
        var bytes = RegularFile.ReadBytes(path, MostBytes).AsMemory();
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        var file = new CocoAnnotations(path);
        try
        {
            if (!Utf8.IsValid(bytes.Span)) throw new UserException($"{path}: not UTF-8; it is not an annotation file of COCO's");
            var parts = Parts(bytes);
            file.ReadImages(parts.GetValueOrDefault("images", []));
            var names = file.ReadClasses(parts.GetValueOrDefault("categories", []));
            file.ReadObjects(parts.GetValueOrDefault("annotations", []), names, withMasks, faults);
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}:{(e.LineNumber ?? 0) + 1}: not JSON, cut short, or with a name twice in one object", e);
        }
        return file;
    }

    /// <summary>
    /// The items of each list at the top, not yet read: the annotations of a large set would not fit into memory all at once.
    /// </summary>
    private static Dictionary<string, List<ReadOnlyMemory<byte>>> Parts(ReadOnlyMemory<byte> bytes)
    {
        var parts = new Dictionary<string, List<ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(bytes.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var items = new List<ReadOnlyMemory<byte>>();
            if (!parts.TryAdd(TextOf(ref reader), items)) throw new JsonException();
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                items.Add(bytes[start..(int)reader.BytesConsumed]);
            }
        }
        // Anything behind the object throws.
        if (reader.Read()) throw new JsonException();
        return parts;
    }

    private void ReadImages(List<ReadOnlyMemory<byte>> items)
    {
        var ids = new HashSet<long>();
        foreach (var (index, item) in items.Index())
        {
            using var image = Parse(item);
            var place = $"{path}: images[{index}]";
            if (Whole(image.RootElement, "id") is not { } id || Text(image.RootElement, "file_name") is not { } name)
                throw new UserException($"{place}: without an id or a file_name; every image has both");
            if (!ids.Add(id)) throw new UserException($"{place}: the id {id} is given twice; every image has its own");
            var size = Whole(image.RootElement, "width") is { } width && Whole(image.RootElement, "height") is { } height
                ? (width, height)
                : ((long, long)?)null;
            if (!images.TryAdd(name, (id, size))) throw new UserException($"{place}: '{name}' is given twice; list every image once");
        }
    }

    /// <summary>Gives the names by number.</summary>
    private Dictionary<long, string> ReadClasses(List<ReadOnlyMemory<byte>> items)
    {
        var names = new Dictionary<long, string>();
        foreach (var (index, item) in items.Index())
        {
            using var category = Parse(item);
            var place = $"{path}: categories[{index}]";
            if (Whole(category.RootElement, "id") is not { } id || Text(category.RootElement, "name") is not { Length: > 0 } name)
                throw new UserException($"{place}: without an id or a name; every class has both");
            if (!names.TryAdd(id, name)) throw new UserException($"{place}: the id {id} is given twice; every class has its own");
        }
        Classes = [.. names.OrderBy(name => name.Key).Select(name => name.Value)];
        if (Classes.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UserException($"{path}: two classes are called '{twice.Key}'; give each its own name");
        return names;
    }

    private void ReadObjects(List<ReadOnlyMemory<byte>> items, Dictionary<long, string> names, bool withMasks, Faults faults)
    {
        var ids = images.Values.Select(image => image.Id).ToHashSet();
        foreach (var (index, item) in items.Index())
        {
            var place = $"{path}: annotations[{index}]";
            try
            {
                using var annotation = Parse(item);
                var of = annotation.RootElement;
                if (Whole(of, "image_id") is not { } id || !ids.Contains(id))
                    throw new InvalidDataException("of an image that the file does not list");
                if (Whole(of, "category_id") is not { } category || !names.TryGetValue(category, out var name))
                    throw new InvalidDataException("of a class that the file does not list");
                var box = Numbers(Member(of, "bbox"), "a box") is [var left, var top, var width, var height]
                    ? new Box(left, top, width, height)
                    : throw new InvalidDataException("a box that is not four numbers");
                if (!objects.TryGetValue(id, out var list)) objects.Add(id, list = []);
                list.Add(new(place, name, box)
                {
                    Area = Member(of, "area") is { ValueKind: JsonValueKind.Number } area && area.TryGetDouble(out var pixels)
                        && double.IsFinite(pixels) && pixels >= 0
                        ? pixels
                        : null,
                    Mask = withMasks ? Mask(Member(of, "segmentation")) : null,
                    IsCrowd = Whole(of, "iscrowd") is not (null or 0),
                });
            }
            catch (InvalidDataException e)
            {
                faults.Add(e.Message, place);
            }
        }
    }

    private static Func<int, int, RunMask>? Mask(JsonElement? segmentation)
    {
        if (segmentation is not { } of) return null;
        if (of.ValueKind == JsonValueKind.Array)
        {
            if (of.GetArrayLength() == 0) return null;
            var polygons = of.EnumerateArray().Select(polygon => Numbers(polygon, "a polygon")).ToArray();
            return (height, width) =>
            {
                var mask = default(RunMask);
                foreach (var polygon in polygons)
                {
                    MustBeInside(polygon, height, width);
                    var part = RunMask.OfPolygon(height, width, polygon);
                    mask = mask?.Or(part) ?? part;
                }
                return mask!;
            };
        }
        if (of.ValueKind != JsonValueKind.Object || Numbers(Member(of, "size"), "a mask's size") is not [var rows, var columns])
            throw new InvalidDataException("a mask that is neither polygons nor run lengths");
        var counts = Member(of, "counts");
        var text = counts is { ValueKind: JsonValueKind.String } ? Text(of, "counts") : null;
        var runs = text is null
            ? Numbers(counts, "run lengths")
                .Select(
                    run =>
                        run == Math.Floor(run) && Math.Abs(run) <= int.MaxValue
                            ? (long)run
                            : throw new InvalidDataException("run lengths that are not whole"))
                .ToArray()
            : [];
        return (height, width) =>
            rows != height || columns != width ? throw new InvalidDataException("a mask of another size than the image")
            : text is null ? RunMask.Of(height, width, runs) : RunMask.Of(height, width, text);
    }

    private static void MustBeInside(double[] polygon, int height, int width)
    {
        for (var i = 0; i < polygon.Length; i++)
            if (polygon[i] < -DetectionSet.Slack || polygon[i] > (i % 2 == 0 ? width : height) + DetectionSet.Slack)
                throw new InvalidDataException("a polygon that reaches outside of the image");
    }

    /// <exception cref="JsonException">It is not JSON, or a name is in it twice.</exception>
    private static JsonDocument Parse(ReadOnlyMemory<byte> item)
    {
        try
        {
            return JsonDocument.Parse(item, strict);
        }
        catch (InvalidOperationException e)
        {
            // Of names that are compared.
            throw new JsonException("an escape in it stands for no character", e);
        }
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;

    private static long? Whole(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement of, string name)
    {
        if (Member(of, name) is not { ValueKind: JsonValueKind.String } value) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("an escape in it stands for no character", e);
        }
    }

    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("an escape in it stands for no character", e);
        }
    }

    private static double[] Numbers(JsonElement? of, string what)
    {
        if (of is not { ValueKind: JsonValueKind.Array } list) throw new InvalidDataException($"{what} that is not a list of numbers");
        return
        [
            .. list.EnumerateArray()
                .Select(
                    value =>
                        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
                            ? number
                            : throw new InvalidDataException($"{what} that is not a list of numbers")),
        ];
    }
}
