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
        [ScalarType.Float32] = "F32",
        [ScalarType.Int64] = "I64",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Float16] = "F16",
        [ScalarType.Byte] = "U8",
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

    /// <summary>Reads a file's metadata without its tensors; a <see cref="UserException"/> where it is none of this format, or damaged.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var file = Open(path);
        return SafeTensorsHeader.Read(path, file).Metadata;
    }

    /// <summary>Reads every tensor to the CPU; the caller disposes them. A <see cref="UserException"/> says what is wrong with the file.</summary>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path)
    {
        using var file = Open(path);
        var header = SafeTensorsHeader.Read(path, file);
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        file.Position = header.Start;
        foreach (var entry in header.Entries)
        {
            var tensor = empty(entry.Shape, entry.Type);
            file.ReadExactly(tensor.bytes);
            tensors.Add(entry.Name, tensor);
        }
        foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
        return (tensors, header.Metadata);
    }

    internal static ScalarType? TypeOf(string name)
    {
        foreach (var (type, known) in TypeNames)
            if (known == name)
                return type;
        return null;
    }

    internal static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Byte => 1,
        ScalarType.BFloat16 or ScalarType.Float16 => 2,
        ScalarType.Float32 => 4,
        _ => 8,
    };

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
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot be read ({e.Message})", e);
        }
    }
}
