using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage;

/// <summary>
/// The safetensors format: an 8-byte length, a JSON header (name -> type, shape, place), then the raw little-endian values. One format for checkpoints and
/// for the weights that users keep; Python and others read it.
/// </summary>
/// <remarks>The metadata of what this program writes holds a SHA-256 of header and values, taken while its own place holds zeros; reading the tensors verifies it.</remarks>
public static class SafeTensors
{
    private const string ChecksumKey = "checksum";
    private static readonly string NoChecksum = new('0', 2 * SHA256.HashSizeInBytes);

    private static readonly Dictionary<ScalarType, string> TypeNames = new()
    {
        [ScalarType.Float32] = "F32",
        [ScalarType.Int64] = "I64",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Float16] = "F16",
        [ScalarType.Byte] = "U8",
    };

    /// <summary>Writes tensors and string metadata; beside the target first, then renamed, so that no half-written file is ever seen.</summary>
    /// <param name="path">The target.</param>
    /// <param name="tensors">Of any device and strides.</param>
    /// <param name="metadata">Free strings.</param>
    /// <param name="keep">Where a file that is there already goes, instead of being replaced.</param>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, string? keep = null)
    {
        var all = tensors.ToList();
        AtomicFile.Write(path, file =>
        {
            var header = Header(all, metadata, NoChecksum);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            using var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            file.Write(length);
            Add(file, checksum, header);
            foreach (var (_, tensor) in all)
            {
                using var scope = NewDisposeScope();
                Add(file, checksum, tensor.detach().cpu().contiguous().bytes);
            }
            file.Position = length.Length;
            file.Write(Header(all, metadata, Convert.ToHexStringLower(checksum.GetHashAndReset())));
        }, keep);

        static void Add(Stream file, IncrementalHash checksum, ReadOnlySpan<byte> bytes)
        {
            file.Write(bytes);
            checksum.AppendData(bytes);
        }
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
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        using var file = Open(path);
        var header = SafeTensorsHeader.Read(path, file);
        Visit(path, file, header, _ => true, tensors.Add);
        foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
        return (tensors, header.Metadata);
    }

    /// <summary>Reads some tensors into ones of the same shapes, whatever their device and layout; the file's others are passed over, and no two are held at once.</summary>
    /// <param name="targets">By name; half filled where an exception says that the file is damaged.</param>
    /// <exception cref="UserException">The file is damaged, or lacks one of them.</exception>
    public static void ReadInto(string path, IReadOnlyDictionary<string, Tensor> targets)
    {
        using var file = Open(path);
        var header = SafeTensorsHeader.Read(path, file);
        var entries = header.Entries.ToDictionary(e => e.Name);
        foreach (var (name, target) in targets)
            if (!entries.TryGetValue(name, out var entry) || !entry.Shape.AsSpan().SequenceEqual(target.shape))
                throw new DamagedFileException($"{path}: tensor '{name}' is missing or has another shape; the file is damaged");
        Visit(path, file, header, targets.ContainsKey, (name, tensor) =>
        {
            using (tensor) targets[name].copy_(tensor);
        });
    }

    /// <summary>Goes through the values once, those that nobody wants too: the checksum is of all.</summary>
    private static void Visit(string path, FileStream file, SafeTensorsHeader header, Func<string, bool> wanted, Action<string, Tensor> found)
    {
        using var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var expected = header.Metadata.GetValueOrDefault(ChecksumKey);
        if (expected is not null) checksum.AppendData(header.TextWithout(expected, NoChecksum));
        file.Position = header.Start;
        var passed = new byte[1 << 16];
        foreach (var entry in header.Entries)
        {
            if (wanted(entry.Name))
            {
                var tensor = empty(entry.Shape, entry.Type);
                file.ReadExactly(tensor.bytes);
                if (expected is not null) checksum.AppendData(tensor.bytes);
                found(entry.Name, tensor);
                continue;
            }
            for (var left = entry.To - entry.From; left > 0; left -= Math.Min(left, passed.Length))
            {
                var part = passed.AsSpan(0, (int)Math.Min(left, passed.Length));
                file.ReadExactly(part);
                if (expected is not null) checksum.AppendData(part);
            }
        }
        if (expected is not null && Convert.ToHexStringLower(checksum.GetHashAndReset()) != expected)
            throw new DamagedFileException($"{path}: its content does not have its checksum; the file is damaged");
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

    private static byte[] Header(List<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, string checksum)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            // What was read from such a file may be written again.
            foreach (var (key, value) in metadata.Where(entry => entry.Key != ChecksumKey)) json.WriteString(key, value);
            json.WriteString(ChecksumKey, checksum);
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
