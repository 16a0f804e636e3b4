using System.Runtime.InteropServices;

namespace DataSsl.Kernels;

/// <summary>
/// The weights of a safetensors file, of 32 or 16 bits, as a network takes them: by name and shape, each finite, and none of its own left
/// over.
/// </summary>
internal sealed class WeightsFile
{
    private readonly SafeTensorsHeader header;
    private readonly byte[] file;
    private readonly Dictionary<string, SafeTensorsHeader.Entry> entries = [];
    private readonly HashSet<string> read = [];

    /// <param name="path">The file.</param>
    /// <param name="sha256">Gives the SHA-256 of bytes in lower-case hexadecimal digits.</param>
    /// <exception cref="InvalidDataException">It is no file, none of this format, or damaged.</exception>
    public WeightsFile(string path, Func<byte[], string> sha256)
    {
        Path = path;
        using var stream = Open(path);
        if (stream.Length > Array.MaxLength) throw new InvalidDataException($"{path}: larger than the 2 GB that a class loads");
        header = SafeTensorsHeader.Read(path, stream);
        foreach (var entry in header.Entries) entries.Add(entry.Name, entry);
        file = new byte[stream.Length - SafeTensorsHeader.LengthBytes];
        (IsChecked ? header.WithoutChecksum() : header.Text).CopyTo(file, 0);
        stream.ReadExactly(file, header.Text.Length, file.Length - header.Text.Length);
        if (IsChecked) header.MustBe(sha256(file));
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether the file has a checksum, which it has passed.</summary>
    public bool IsChecked => header.Checksum is not null;

    /// <summary>Whether any tensor's name begins so.</summary>
    public bool HasAny(string prefix)
    {
        foreach (var entry in header.Entries)
            if (entry.Name.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        return false;
    }

    /// <summary>The values of a tensor.</summary>
    /// <exception cref="InvalidDataException">It is missing, has another shape or type, or a value that is not finite.</exception>
    public float[] Read(string key, long[] shape)
    {
        var bytes = Find(key, shape, "32-bit or 16-bit numbers", out var entry, "F32", "F16", "BF16");
        if (!SafeTensorsHeader.AreFinite(entry.Type, bytes)) throw SafeTensorsHeader.NotFinite(Path, key);
        var values = new float[bytes.Length / (entry.Type == "F32" ? 4 : 2)];
        if (entry.Type == "F32") bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        else
            for (var i = 0; i < values.Length; i++)
            {
                var bits = BitConverter.ToUInt16(bytes[(2 * i)..]);
                values[i] = entry.Type == "F16"
                    ? (float)BitConverter.UInt16BitsToHalf(bits)
                    : BitConverter.UInt32BitsToSingle((uint)bits << 16);
            }
        return values;
    }

    /// <summary>The values of a tensor of bytes with a sign.</summary>
    /// <exception cref="InvalidDataException">It is missing, or has another shape or type.</exception>
    public sbyte[] ReadBytes(string key, long[] shape) =>
        MemoryMarshal.Cast<byte, sbyte>(Find(key, shape, "8-bit whole numbers", out _, "I8")).ToArray();

    private ReadOnlySpan<byte> Find(string key, long[] shape, string numbers, out SafeTensorsHeader.Entry entry, params string[] types)
    {
        if (!entries.TryGetValue(key, out entry!)) throw SafeTensorsHeader.NoTensor(Path, key);
        read.Add(key);
        if (Array.IndexOf(types, entry.Type) < 0 || !entry.Shape.AsSpan().SequenceEqual(shape))
            throw new InvalidDataException($"{Path}: '{key}' is not a tensor of {numbers} of shape [{string.Join(", ", shape)}]");
        return file.AsSpan(header.Text.Length + (int)entry.From, (int)(entry.To - entry.From));
    }

    /// <summary>
    /// Opens a file, and nothing else that a name may stand for: a named pipe would wait for whoever writes to it. Such things have no
    /// length, as a file of weights has.
    /// </summary>
    private static FileStream Open(string path)
    {
        if (Directory.Exists(path)) throw new InvalidDataException($"{path}: not a safetensors file, but a folder");
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return file.Length > 0
            ? File.OpenRead(path)
            : throw new InvalidDataException($"{path}: not a safetensors file: empty, or no file at all");
    }

    /// <summary>
    /// Another architecture's file may hold all that this network asks for, and more: then one of its tensors below this network's names is
    /// left.
    /// </summary>
    /// <exception cref="InvalidDataException">One is left.</exception>
    public void MustBeAllRead()
    {
        var parts = new HashSet<string>();
        foreach (var key in read) parts.Add(key.Split('.')[0]);
        foreach (var entry in header.Entries)
            if (!read.Contains(entry.Name) && parts.Contains(entry.Name.Split('.')[0])
                && !entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                throw new InvalidDataException($"{Path}: '{entry.Name}' is no tensor of this network: weights of another architecture");
    }
}
