using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DataSsl.Kernels;

/// <summary>
/// The header of a safetensors file: behind its length, 8 bytes, a JSON object with the type, shape and place of each tensor, and strings
/// of the writer's own. All of it is checked before a value is read: the places follow one another from the first byte behind the header to
/// the last of the file, and each is as long as its tensor.
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>
    /// The metadata that say who wrote a file, and its SHA-256, taken of header and values while its own place holds zeros.
    /// </summary>
    public const string WriterKey = "writer", Writer = "datassl", ChecksumKey = "checksum";

    /// <summary>The length before the header.</summary>
    public const int LengthBytes = 8;

    private const string MetadataKey = "__metadata__";
    private const int ChecksumDigits = 64;

    /// <summary>The longest header that the format allows.</summary>
    private const int MostBytes = 100_000_000;

    private readonly string path;

    private SafeTensorsHeader(string path, byte[] text, long values)
    {
        (this.path, Text) = (path, text);
        if (!Utf8.IsValid(text)) throw Refusal("not a safetensors file (its header is not UTF-8)");
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (var (name, value) in Members(json.RootElement, "its header"))
                if (name == MetadataKey) Metadata = Strings(value);
                else Entries.Add(EntryOf(name, value));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's word for an escape that stands for no character.
            throw Refusal($"not a safetensors file ({Shown(e.Message)})");
        }
        CheckPlaces(values);
        CheckChecksum();
    }

    /// <summary>One tensor: its values are the bytes [From, To) behind the header.</summary>
    public sealed record Entry(string Name, string Type, long[] Shape, long From, long To);

    /// <summary>As it stands in the file.</summary>
    public byte[] Text { get; }

    /// <summary>In the order of their values.</summary>
    public List<Entry> Entries { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>What the values must sum to; null in a file of another writer, which cannot be checked.</summary>
    public string? Checksum => Metadata.TryGetValue(ChecksumKey, out var checksum) ? checksum : null;

    /// <summary>Reads the header, and leaves the file at its first value.</summary>
    /// <exception cref="InvalidDataException">The file is none of this format, or damaged, or says that it is ours and has no
    /// checksum.</exception>
    public static SafeTensorsHeader Read(string path, Stream file)
    {
        var prefix = new byte[LengthBytes];
        var length = file.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) == LengthBytes
            ? BinaryPrimitives.ReadInt64LittleEndian(prefix)
            : -1;
        if (length is < 2 or > MostBytes || length > file.Length - LengthBytes)
            throw new InvalidDataException($"{path}: not a safetensors file, or cut short");
        var text = new byte[length];
        file.ReadExactly(text);
        return new(path, text, file.Length - LengthBytes - length);
    }

    /// <summary>The header with zeros in the place of its checksum: what that was taken of, before the values.</summary>
    public byte[] WithoutChecksum()
    {
        byte[] changed = [.. Text];
        var at = changed.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Checksum!));
        if (at >= 0) changed.AsSpan(at, ChecksumDigits).Fill((byte)'0');
        return changed;
    }

    /// <summary>Refuses values that do not have the header's checksum.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void MustBe(string actual)
    {
        if (actual != Checksum) throw Damaged("its content does not have its checksum");
    }

    /// <summary>Whether all of some values are finite; those of types that have no infinity are.</summary>
    public static bool AreFinite(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "F32" => !HasExponent(MemoryMarshal.Cast<byte, uint>(bytes), 0x7f800000u),
        "F16" => !HasExponent(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7c00),
        "BF16" => !HasExponent(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7f80),
        "F64" => !HasExponent(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7ff0000000000000ul),
        _ => true,
    };

    /// <summary>Says that a tensor is not there.</summary>
    public static InvalidDataException NoTensor(string path, string name) => new($"{path}: no tensor '{Shown(name)}'");

    /// <summary>Says that a tensor holds an infinity, or what is no number.</summary>
    public static InvalidDataException NotFinite(string path, string name) =>
        new($"{path}: tensor '{Shown(name)}' holds a value that is not finite; its training diverged, or the file is damaged");

    /// <summary>Infinities and what is no number have all bits of the exponent.</summary>
    private static bool HasExponent<T>(ReadOnlySpan<T> values, T bits) where T : IBinaryInteger<T>
    {
        foreach (var value in values)
            if ((value & bits) == bits)
                return true;
        return false;
    }

    /// <summary>Text of a file in one line of a message.</summary>
    private static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.Length <= 200 ? text : text[..200] + "…")
            shown.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        return shown.ToString();
    }

    private Entry EntryOf(string name, JsonElement value)
    {
        var members = Members(value, $"tensor '{Shown(name)}'");
        if (!members.TryGetValue("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !members.TryGetValue("shape", out var sides) || Numbers(sides) is not { } shape
            || !members.TryGetValue("data_offsets", out var offsets) || Numbers(offsets) is not [var from, var to])
            throw Damaged($"tensor '{Shown(name)}' has no readable type, shape and place");
        var type = dtype.GetString()!;
        // Of a type that is not known only the place is.
        if (from > to || CountOf(shape) is not { } count || BytesOf(type) is > 0 and var size && to - from != count * size)
            throw Damaged($"the place of tensor '{Shown(name)}' does not fit its shape");
        return new(name, type, shape, from, to);
    }

    /// <summary>An object's members; a name that is there twice could mean either.</summary>
    private Dictionary<string, JsonElement> Members(JsonElement value, string what)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Refusal($"not a safetensors file ({what} is not an object)");
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in value.EnumerateObject())
            if (!members.TryAdd(member.Name, member.Value)) throw Damaged($"'{Shown(member.Name)}' is there twice");
        return members;
    }

    private Dictionary<string, string> Strings(JsonElement value)
    {
        var strings = new Dictionary<string, string>();
        foreach (var (name, text) in Members(value, "its metadata"))
            strings[name] = text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw Refusal($"not a safetensors file (metadata '{Shown(name)}' is not a string)");
        return strings;
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

    /// <summary>Numbers of a tensor; null where they are more than any file could hold.</summary>
    private static Int128? CountOf(long[] shape)
    {
        Int128 count = 1;
        var none = false;
        foreach (var side in shape)
        {
            none |= side == 0;
            if ((count *= Math.Max(1, side)) > long.MaxValue) return null;
        }
        return none ? 0 : count;
    }

    private static int BytesOf(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" or "C64" => 8,
        _ => 0,
    };

    private void CheckPlaces(long values)
    {
        Entries.Sort((a, b) => a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To));
        var end = 0L;
        foreach (var entry in Entries)
        {
            if (entry.To > values) throw Damaged($"tensor '{Shown(entry.Name)}' is cut short");
            if (entry.From != end) throw Damaged($"tensor '{Shown(entry.Name)}' does not begin where the one before it ends");
            end = entry.To;
        }
        if (end != values) throw Damaged($"{values - end} bytes belong to no tensor");
    }

    /// <summary>What we write always has a checksum, so a file of ours without one has lost it, and with it who knows what.</summary>
    private void CheckChecksum()
    {
        if (Checksum is not { } checksum)
        {
            if (IsOurs) throw Damaged($"its metadata are of {Writer}, which always writes a checksum, and have none");
            return;
        }
        var digits = 0;
        foreach (var c in checksum)
            if (c is >= '0' and <= '9' or >= 'a' and <= 'f') digits++;
        if (digits != ChecksumDigits || checksum.Length != ChecksumDigits) throw Damaged("its checksum is not of 64 hexadecimal digits");
    }

    /// <summary>Whether the metadata say that we wrote the file; older files of ours do not name their writer.</summary>
    private bool IsOurs => Metadata.ContainsKey(WriterKey) && Metadata[WriterKey] == Writer
        || Metadata.TryGetValue("format", out var format) && format.StartsWith(Writer, StringComparison.Ordinal)
        || Metadata.ContainsKey("space") && (Metadata.ContainsKey("architecture") || Metadata.ContainsKey("spaceHash"));

    private InvalidDataException Refusal(string why) => new($"{path}: {why}");

    private InvalidDataException Damaged(string what) => Refusal($"{what}; the file is damaged");
}
