using System.Security.Cryptography;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// CIFAR's binary version: records of 3,072 bytes, 32x32 of red, then green, then blue, behind one label byte (CIFAR-10) or a coarse and a
/// fine one (CIFAR-100, of which the fine one counts). The folder stands for its training files, a <c>.bin</c> file for itself.
/// </summary>
internal sealed class CifarBinary : ImageSource
{
    private const int Side = 32, Pixels = Side * Side, MostBytes = 1 << 20;
    private readonly (string File, long Record)[] records;
    private readonly int head;

    private CifarBinary(
        string root, string layout, int head, (string File, long Record)[] records, int[] labels, IReadOnlyList<string> classNames)
        : base(root, layout, [.. records.Select(record => $"{Path.GetFileName(record.File)}#{record.Record}")], labels, classNames) =>
        (this.records, this.head) = (records, head);

    public static bool Is(string path) => Files(path).Length > 0;

    public new static CifarBinary Open(string path)
    {
        var files = Files(path);
        var head = Head(files[0]);
        var records = new List<(string, long)>();
        var labels = new List<int>();
        foreach (var file in files)
        {
            if (Head(file) != head) throw new UserException($"{file}: its records are not of the same length as those of {files[0]}");
            using var handle = RegularFile.Open(file);
            var count = RandomAccess.GetLength(handle) / (head + 3 * Pixels);
            var label = new byte[head];
            for (var record = 0L; record < count; record++)
            {
                if (RandomAccess.Read(handle, label, record * (head + 3 * Pixels)) < head)
                    throw new UserException($"{file}: cut short while it was read");
                records.Add((file, record));
                labels.Add(label[^1]);
            }
        }
        var classes = ReadClassNames(Path.GetDirectoryName(Path.GetFullPath(files[0]))!, head);
        if (labels.FindIndex(label => label >= classes.Length) is >= 0 and var wrong)
            throw new UserException(
                $"{records[wrong].Item1}: record {records[wrong].Item2} has class {labels[wrong]} of {classes.Length}; the file is damaged or of another format");
        return new(path, head == 1 ? "CIFAR-10 binary" : "CIFAR-100 binary", head, [.. records], [.. labels], classes);
    }

    internal override DecodedImage Decode(int index, ImageReader reader)
    {
        if (reader.Format != PixelFormat.Rgb)
            throw new UserException($"{records[index].File}: images of {PixelFormat.Rgb}, where {reader.Format} are wanted; give others");
        var bytes = Record(index);
        var rgb = new byte[3 * Pixels];
        for (var channel = 0; channel < 3; channel++)
            for (var i = 0; i < Pixels; i++)
                rgb[3 * i + channel] = bytes[head + channel * Pixels + i];
        return new(new(Side, Side, rgb));
    }

    private protected override ImageSource Select(int[] indices) =>
        new CifarBinary(
            Root, Layout, head, Array.ConvertAll(indices, i => records[i]), Array.ConvertAll(indices, i => Labels![i]), ClassNames);

    internal override string?[] ReadContents() => [.. Enumerable.Range(0, Count).Select(Content)];

    /// <summary>The hash of a record; null where the file is gone.</summary>
    private string? Content(int index)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(Record(index)));
        }
        catch (UserException)
        {
            return null;
        }
    }

    private byte[] Record(int index)
    {
        var (file, record) = records[index];
        var bytes = new byte[head + 3 * Pixels];
        try
        {
            using var handle = RegularFile.Open(file);
            return RandomAccess.Read(handle, bytes, record * bytes.Length) == bytes.Length
                ? bytes
                : throw new EndOfStreamException("the file is truncated");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the image '{file}#{record}': {e.Message}", e);
        }
    }

    private static string[] Files(string path)
    {
        if (File.Exists(path)) return Path.GetExtension(path) == ".bin" ? [path] : [];
        if (!Directory.Exists(path)) return [];
        var batches = Directory.GetFiles(path, "data_batch_*.bin");
        return batches.Length > 0
            ? [.. batches.Order(StringComparer.Ordinal)]
            : File.Exists(Path.Combine(path, "train.bin"))
            ? [Path.Combine(path, "train.bin")]
            : [];
    }

    /// <summary>Label bytes of a record.</summary>
    private static int Head(string file)
    {
        var length = new FileInfo(file).Length;
        foreach (var head in new[] { 1, 2 })
            if (length > 0 && length % (head + 3 * Pixels) == 0) return head;
        throw new UserException(
            $"{file}: {length:N0} bytes are no whole number of CIFAR's records of 3,073 or 3,074 bytes; the file is damaged or of another format");
    }

    private static string[] ReadClassNames(string folder, int head)
    {
        var (name, count) = head == 1 ? ("batches.meta.txt", 10) : ("fine_label_names.txt", 100);
        var path = Path.Combine(folder, name);
        var names = File.Exists(path)
            ? RegularFile.ReadText(path, MostBytes).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToArray()
            : [];
        return names.Length == count ? names : [.. Enumerable.Range(0, count).Select(i => $"{i}")];
    }
}
