using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage;

/// <summary>
/// The safetensors format: an 8-byte length, a JSON header (name -> type, shape, place), then the raw little-endian values. One format for checkpoints and
/// for the weights that users keep; Python and others read it.
/// </summary>
public static class SafeTensors
{
    private static readonly Dictionary<ScalarType, string> TypeNames = new()
    {
        [ScalarType.Float32] = "F32", [ScalarType.Int64] = "I64", [ScalarType.BFloat16] = "BF16", [ScalarType.Float16] = "F16", [ScalarType.Byte] = "U8",
    };

    /// <summary>Writes tensors and string metadata; beside the target first, then renamed, so that no half-written file is ever seen.</summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var all = tensors.ToList();
        AtomicFile.Write(path, file =>
        {
            var header = Header(all, metadata);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            file.Write(length);
            file.Write(header);
            foreach (var (_, tensor) in all)
            {
                using var scope = NewDisposeScope();
                file.Write(tensor.detach().cpu().contiguous().bytes);
            }
        });
    }

    /// <summary>Reads a file's metadata without its tensors; a <see cref="UserException"/> where it is none of this format.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var file = Open(path);
        using var header = ReadHeader(path, file, out _);
        return Metadata(header);
    }

    /// <summary>Reads every tensor to the CPU; the caller disposes them. A <see cref="UserException"/> says what is wrong with the file.</summary>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path)
    {
        using var file = Open(path);
        using var header = ReadHeader(path, file, out var start);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var entry in header.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__") continue;
            var type = TypeNames.FirstOrDefault(t => t.Value == entry.Value.GetProperty("dtype").GetString(), new(ScalarType.Bool, ""));
            if (type.Value.Length == 0) throw new UserException($"{path}: tensor '{entry.Name}' has a type that this program does not read");
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()).ToArray();
            var offsets = entry.Value.GetProperty("data_offsets");
            var (from, to) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            var tensor = empty(shape, type.Key).DetachFromDisposeScope();
            tensors.Add(entry.Name, tensor);
            if (from < 0 || to - from != tensor.bytes.Length || start + to > file.Length)
            {
                foreach (var read in tensors.Values) read.Dispose();
                throw new UserException($"{path}: tensor '{entry.Name}' is cut short; the file is damaged");
            }
            file.Position = start + from;
            file.ReadExactly(tensor.bytes);
        }
        return (tensors, Metadata(header));
    }

    private static byte[] Header(List<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata) json.WriteString(key, value);
            json.WriteEndObject();
            var end = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", TypeNames[tensor.dtype]);
                json.WriteStartArray("shape");
                foreach (var side in tensor.shape) json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(end);
                json.WriteNumberValue(end += tensor.numel() * tensor.element_size());
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Values start at a multiple of 8 bytes, as other writers of this format do.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static FileStream Open(string path)
    {
        if (!File.Exists(path)) throw new UserException($"{path}: no such file");
        return File.OpenRead(path);
    }

    private static JsonDocument ReadHeader(string path, FileStream file, out long start)
    {
        Span<byte> prefix = stackalloc byte[8];
        var length = file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) == 8 ? BinaryPrimitives.ReadInt64LittleEndian(prefix) : -1;
        if (length < 2 || length > file.Length - 8 || length > int.MaxValue) throw new UserException($"{path}: not a safetensors file");
        var header = new byte[length];
        file.ReadExactly(header);
        start = 8 + length;
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(header);
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}: not a safetensors file ({e.Message})", e);
        }
        if (IsWellFormed(json.RootElement)) return json;
        json.Dispose();
        throw new UserException($"{path}: not a safetensors file (its header is not one)");
    }

    /// <summary>Whether a header is an object of tensors with type, shape and place, and its metadata texts.</summary>
    private static bool IsWellFormed(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.EnumerateObject().All(entry =>
        entry.Value.ValueKind == JsonValueKind.Object && (entry.Name == "__metadata__"
            ? entry.Value.EnumerateObject().All(m => m.Value.ValueKind == JsonValueKind.String)
            : entry.Value.TryGetProperty("dtype", out var type) && type.ValueKind == JsonValueKind.String
                && entry.Value.TryGetProperty("shape", out var shape) && AreCounts(shape)
                && entry.Value.TryGetProperty("data_offsets", out var offsets) && AreCounts(offsets) && offsets.GetArrayLength() == 2));

    private static bool AreCounts(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array && array.EnumerateArray().All(n => n.ValueKind == JsonValueKind.Number && n.TryGetInt64(out var value) && value >= 0);

    private static Dictionary<string, string> Metadata(JsonDocument header) =>
        header.RootElement.TryGetProperty("__metadata__", out var metadata)
            ? metadata.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString() ?? "")
            : [];
}
