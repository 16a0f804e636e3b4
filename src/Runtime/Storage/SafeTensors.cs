using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using DataSsl.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage;

/// <summary>
/// The safetensors format: an 8-byte length, a JSON header (name -> type, shape, place), then the raw little-endian values. One format for
/// checkpoints and for the weights that users keep; Python and others read it.
/// </summary>
/// <remarks>
/// The metadata of what this program writes name it as the writer and hold a SHA-256 of header and values, taken while its own place holds
/// zeros; reading the tensors verifies it. A file of another writer has none, and is read all the same (<see cref="IsChecked"/>).
/// </remarks>
public static class SafeTensors
{
    private static readonly string NoChecksum = new('0', 2 * SHA256.HashSizeInBytes);

    /// <summary>Bytes that are read at once of what nobody keeps; whole values of every type.</summary>
    private const int AtOnce = 1 << 16;

    private static readonly Dictionary<ScalarType, string> TypeNames = new()
    {
        [ScalarType.Float32] = "F32",
        [ScalarType.Int64] = "I64",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Float16] = "F16",
        [ScalarType.Byte] = "U8",
        [ScalarType.Int8] = "I8",
    };

    /// <summary>
    /// Writes tensors and string metadata; beside the target first, then renamed, so that no half-written file is ever seen.
    /// </summary>
    /// <param name="path">The target.</param>
    /// <param name="tensors">Of any device and strides.</param>
    /// <param name="metadata">Free strings.</param>
    /// <param name="keep">Where a file that is there already goes, instead of being replaced.</param>
    public static void Write(
        string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, string? keep = null)
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

    /// <summary>
    /// Reads a file's metadata without its tensors; a <see cref="UserException"/> where it is none of this format, or damaged.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path) => Open(path, (_, header) => header.Metadata);

    /// <summary>
    /// Whether a file has a checksum; what has none was written by another program, and a changed value in it goes unseen.
    /// </summary>
    public static bool IsChecked(string path) => Open(path, (_, header) => header.Checksum is not null);

    /// <summary>Reads a whole file against its checksum, and keeps nothing of it: before the work that it is for.</summary>
    /// <exception cref="UserException">It is none of this format, or damaged, or a value is not finite.</exception>
    public static void Verify(string path) => ReadInto(path, new Dictionary<string, Tensor>(), othersToo: true);

    /// <summary>
    /// Reads every tensor to the CPU; the caller disposes them. A <see cref="UserException"/> says what is wrong with the file.
    /// </summary>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path) =>
        Open(path, (file, header) =>
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var entry in header.Entries) TypeOf(path, entry);
        Visit(file, header, _ => true, (entry, bytes) => tensors.Add(entry.Name, TensorOf(path, entry, bytes)));
        foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
        return (tensors, (IReadOnlyDictionary<string, string>)header.Metadata);
    });

    /// <summary>
    /// Reads some tensors into ones of the same shapes, whatever their device and layout; the file's others are passed over, and no two are
    /// held at once.
    /// </summary>
    /// <param name="targets">By name; half filled where an exception says that the file is damaged.</param>
    /// <param name="othersToo">Whether the values of the file's other tensors must be finite too.</param>
    /// <exception cref="UserException">The file is damaged, or lacks one of them, or holds a value in one that is not finite.</exception>
    public static void ReadInto(string path, IReadOnlyDictionary<string, Tensor> targets, bool othersToo = false) =>
        Open(path, (file, header) =>
    {
        var entries = header.Entries.ToDictionary(e => e.Name);
        foreach (var (name, target) in targets)
        {
            if (!entries.TryGetValue(name, out var entry) || !entry.Shape.AsSpan().SequenceEqual(target.shape))
                throw new DamagedFileException($"{path}: tensor '{name}' is missing or has another shape; the file is damaged");
            TypeOf(path, entry);
        }
        string? odd = null;
        Visit(file, header, targets.ContainsKey, (entry, bytes) =>
        {
            using var tensor = TensorOf(path, entry, bytes);
            MustBeFinite(entry, tensor.bytes);
            targets[entry.Name].copy_(tensor);
        }, othersToo ? MustBeFinite : null);
        // Only now: in a damaged file it would be the damage.
        if (odd is not null) throw SafeTensorsHeader.NotFinite(path, odd);

        void MustBeFinite(SafeTensorsHeader.Entry entry, ReadOnlySpan<byte> values)
        {
            if (!SafeTensorsHeader.AreFinite(entry.Type, values)) odd ??= entry.Name;
        }
    });

    /// <summary>Opens a file and reads its header; what is wrong with either comes out as the user's to know.</summary>
    private static T Open<T>(string path, Func<FileStream, SafeTensorsHeader, T> read)
    {
        using var file = RegularFile.OpenGiven(path);
        try
        {
            return read(file, SafeTensorsHeader.Read(path, file));
        }
        catch (InvalidDataException e)
        {
            throw new DamagedFileException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    private static void Open(string path, Action<FileStream, SafeTensorsHeader> read) => Open(path, (file, header) =>
    {
        read(file, header);
        return true;
    });

    /// <summary>Goes through the values once, those that nobody wants too: the checksum is of all.</summary>
    /// <param name="found">Given an entry that is wanted and what reads its bytes into a span of their length.</param>
    /// <param name="passed">Given parts of those that are not.</param>
    private static void Visit(
        FileStream file, SafeTensorsHeader header, Func<string, bool> wanted, Action<SafeTensorsHeader.Entry, BytesReader> found,
        Action<SafeTensorsHeader.Entry, ReadOnlySpan<byte>>? passed = null)
    {
        using var checksum = header.Checksum is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        checksum?.AppendData(header.WithoutChecksum());
        var buffer = new byte[AtOnce];
        foreach (var entry in header.Entries)
        {
            if (wanted(entry.Name))
            {
                found(entry, Read);
                continue;
            }
            for (var left = entry.To - entry.From; left > 0; left -= Math.Min(left, AtOnce))
            {
                var part = buffer.AsSpan(0, (int)Math.Min(left, AtOnce));
                Read(part);
                passed?.Invoke(entry, part);
            }
        }
        if (checksum is not null) header.MustBe(Convert.ToHexStringLower(checksum.GetHashAndReset()));

        void Read(Span<byte> bytes)
        {
            file.ReadExactly(bytes);
            checksum?.AppendData(bytes);
        }
    }

    private delegate void BytesReader(Span<byte> bytes);

    private static Tensor TensorOf(string path, SafeTensorsHeader.Entry entry, BytesReader read)
    {
        var tensor = empty(entry.Shape, TypeOf(path, entry));
        read(tensor.bytes);
        return tensor;
    }

    private static ScalarType TypeOf(string path, SafeTensorsHeader.Entry entry)
    {
        // One span holds all of a tensor's bytes.
        if (entry.To - entry.From > int.MaxValue)
            throw new UserException($"{path}: tensor '{entry.Name}' is of more than 2 GB, which this program does not read");
        foreach (var (type, known) in TypeNames)
            if (known == entry.Type)
                return type;
        throw new UserException($"{path}: tensor '{entry.Name}' is of type {entry.Type}, which this program does not read");
    }

    private static byte[] Header(List<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, string checksum)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString(SafeTensorsHeader.WriterKey, SafeTensorsHeader.Writer);
            // What was read from such a file may be written again.
            foreach (var (key, value) in
                metadata.Where(entry => entry.Key is not (SafeTensorsHeader.WriterKey or SafeTensorsHeader.ChecksumKey)))
                json.WriteString(key, value);
            json.WriteString(SafeTensorsHeader.ChecksumKey, checksum);
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
}
