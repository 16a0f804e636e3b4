using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage;

/// <summary>One tensor of a safetensors file: its values are the bytes [From, To) behind the header.</summary>
internal sealed record SafeTensorsEntry(string Name, ScalarType Type, long[] Shape, long From, long To);

/// <summary>The header of a safetensors file, checked against the file's length before a single tensor is allocated.</summary>
/// <param name="Entries">In the order of their values, which follow one another without gaps or overlaps to the end of the file.</param>
/// <param name="Metadata">Free strings.</param>
/// <param name="Start">Where the values begin in the file.</param>
/// <param name="Text">The header as it stands in the file.</param>
internal sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long Start, byte[] Text)
{
    private const string MetadataKey = "__metadata__";

    /// <summary>The longest header that the format allows.</summary>
    private const long MaxLength = 100_000_000;

    /// <summary>A <see cref="UserException"/> says what is wrong with the file.</summary>
    public static SafeTensorsHeader Read(string path, FileStream file)
    {
        Span<byte> prefix = stackalloc byte[8];
        var length = file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) == 8 ? BinaryPrimitives.ReadInt64LittleEndian(prefix) : -1;
        if (length < 2 || length > file.Length - 8 || length > MaxLength) throw new DamagedFileException($"{path}: not a safetensors file, or cut short");
        var header = new byte[length];
        file.ReadExactly(header);
        try
        {
            using var json = JsonDocument.Parse(header);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw NotOne(path, "its header is not an object");
            var entries = json.RootElement.EnumerateObject().Where(p => p.Name != MetadataKey).Select(p => Entry(path, p)).OrderBy(e => e.From).ThenBy(e => e.To).ToList();
            CheckPlaces(path, entries, file.Length - 8 - length);
            return new(entries, Strings(path, json.RootElement), 8 + length, header);
        }
        catch (JsonException e)
        {
            throw NotOne(path, e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's own complaint about text that is not valid UTF-8, which it decodes only when asked for.
            throw NotOne(path, e.Message, e);
        }
    }

    /// <summary>The header with another string of the same length in the place of one that stands in it.</summary>
    public byte[] TextWithout(string text, string other)
    {
        byte[] changed = [.. Text];
        var at = changed.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        if (at >= 0 && other.Length == text.Length) Encoding.UTF8.GetBytes(other).CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static SafeTensorsEntry Entry(string path, JsonProperty property)
    {
        var name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object
            || !property.Value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !property.Value.TryGetProperty("shape", out var sides) || Numbers(sides) is not { } shape
            || !property.Value.TryGetProperty("data_offsets", out var offsets) || Numbers(offsets) is not [var from, var to])
            throw Damaged(path, $"tensor '{name}' has no readable type, shape and place");
        if (SafeTensors.TypeOf(dtype.GetString()!) is not { } type) throw new UserException($"{path}: tensor '{name}' is of type {dtype.GetString()}, which this program does not read");
        if (ByteCount(shape, type) is not { } bytes || from > to || to - from != bytes) throw Damaged(path, $"the place of tensor '{name}' does not fit its shape");
        return new(name, type, shape, from, to);
    }

    /// <summary>A list of whole numbers, none negative; null for anything else.</summary>
    private static long[]? Numbers(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array) return null;
        var numbers = new long[list.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
            if (list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                return null;
        return numbers;
    }

    /// <summary>Bytes of a tensor; null beyond what one tensor can be read with.</summary>
    private static long? ByteCount(long[] shape, ScalarType type)
    {
        Int128 bytes = SafeTensors.SizeOf(type);
        foreach (var side in shape)
            if ((bytes *= side) > int.MaxValue)
                return null;
        return (long)bytes;
    }

    private static void CheckPlaces(string path, List<SafeTensorsEntry> entries, long length)
    {
        var end = 0L;
        var names = new HashSet<string>();
        foreach (var entry in entries)
        {
            if (!names.Add(entry.Name)) throw Damaged(path, $"tensor '{entry.Name}' is there twice");
            if (entry.To > length) throw Damaged(path, $"tensor '{entry.Name}' is cut short");
            if (entry.From != end) throw Damaged(path, $"tensor '{entry.Name}' does not begin where the one before it ends");
            end = entry.To;
        }
        if (end != length) throw Damaged(path, $"{length - end} bytes belong to no tensor");
    }

    private static Dictionary<string, string> Strings(string path, JsonElement header)
    {
        var strings = new Dictionary<string, string>();
        if (!header.TryGetProperty(MetadataKey, out var metadata)) return strings;
        if (metadata.ValueKind != JsonValueKind.Object) throw NotOne(path, "its metadata is not an object");
        foreach (var entry in metadata.EnumerateObject())
            strings[entry.Name] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : throw NotOne(path, $"metadata '{entry.Name}' is not a string");
        return strings;
    }

    private static DamagedFileException NotOne(string path, string why, Exception? inner = null) => new($"{path}: not a safetensors file ({why})", inner);

    private static DamagedFileException Damaged(string path, string what) => new($"{path}: {what}; the file is damaged");
}
