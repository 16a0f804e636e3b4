using System.Globalization;
using System.IO.Compression;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage.Foreign;

/// <summary>
/// The tensors of a <c>.pth</c> file as <c>torch.save</c> writes them: a zip archive of a pickle, which says what there is, and of the
/// values. <see cref="Pickle"/> reads the pickle as data; nothing of it is ever run.
/// </summary>
public static class PickledTensors
{
    /// <summary>The longest pickle: those of state dicts have some hundred bytes a tensor.</summary>
    private const int MostBytes = 1 << 26;

    private const int MostTensors = 1 << 16;
    private const int MostDimensions = 8;
    private const int Deepest = 8;

    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> types = new()
    {
        ["FloatStorage"] = (ScalarType.Float32, 4),
        ["DoubleStorage"] = (ScalarType.Float64, 8),
        ["HalfStorage"] = (ScalarType.Float16, 2),
        ["BFloat16Storage"] = (ScalarType.BFloat16, 2),
        ["LongStorage"] = (ScalarType.Int64, 8),
        ["IntStorage"] = (ScalarType.Int32, 4),
        ["ShortStorage"] = (ScalarType.Int16, 2),
        ["CharStorage"] = (ScalarType.Int8, 1),
        ["ByteStorage"] = (ScalarType.Byte, 1),
        ["BoolStorage"] = (ScalarType.Bool, 1),
    };

    /// <summary>All tensors in 32 bits; see <see cref="ForeignTensors.Read"/>.</summary>
    public static IReadOnlyList<(string Name, Tensor Values)> Read(string path) => ForeignTensors.Guarded(path, "a .pth of PyTorch", file =>
    {
        using var scope = NewDisposeScope();
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var pickle = zip.Entries.SingleOrDefault(
            entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal) && entry.FullName.Count(c => c == '/') == 1)
            ?? throw new InvalidDataException("a zip archive without PyTorch's data.pkl");
        var folder = pickle.FullName[..^"data.pkl".Length];
        if (zip.GetEntry(folder + "byteorder") is { } order && !Bytes(order, 16).AsSpan().SequenceEqual("little"u8))
            throw new UserException($"{path}: written by a machine of another byte order, which this program does not read");
        var found = new List<(string Name, Pickle.TensorView View)>();
        Flatten(path, "", new Pickle(path, Bytes(pickle, MostBytes)).Root, found, 0);
        if (found.Count == 0) throw new UserException($"{path}: holds no tensor under a name");
        // Views of one storage may be many, and each is copied: a small file could ask for all memory.
        if (found.Sum(entry => (double)Count(entry.View.Shape) * 4) > 16.0 * file.Length)
            throw new InvalidDataException("its tensors are larger than the file by far");
        var tensors = new List<(string, Tensor)>();
        foreach (var (name, view) in found) tensors.Add((name, Tensor(name, view)));
        foreach (var (_, values) in tensors) values.MoveToOuterDisposeScope();
        return tensors;

        Tensor Tensor(string name, Pickle.TensorView view)
        {
            using var inner = NewDisposeScope();
            if (!types.TryGetValue(view.Storage.Type, out var type))
                throw new UserException($"{path}: tensor '{name}' is of torch.{view.Storage.Type}, which this program does not read");
            var entry = zip.GetEntry($"{folder}data/{view.Storage.Key}")
                ?? throw new InvalidDataException($"the values of tensor '{name}' are missing");
            if (view.Storage.Count < 0 || entry.Length != checked(view.Storage.Count * type.Bytes))
                throw new InvalidDataException($"the values of tensor '{name}' are not as many as it says");
            Check(name, view);
            var values = empty([view.Storage.Count], type.Type);
            if (view.Storage.Count > 0) Fill(entry, values.bytes);
            return ForeignTensors.Wide(values.as_strided(view.Shape, view.Strides, view.Offset).contiguous()).MoveToOuterDisposeScope();
        }
    });

    /// <summary>The names of tensors in dictionaries within one another; numbers and texts beside them are passed over.</summary>
    private static void Flatten(string path, string name, object? value, List<(string, Pickle.TensorView)> found, int depth)
    {
        if (depth > Deepest) throw new InvalidDataException("its dictionaries lie too deep in one another");
        switch (value)
        {
            case Pickle.TensorView view:
                if (name.Length > 0) found.Add((name, view));
                if (found.Count > MostTensors) throw new InvalidDataException("more tensors than any network has");
                break;
            case Pickle.Map map:
                foreach (var (key, item) in map.Items)
                {
                    if (key is not (string or long)) continue;
                    var word = key is long number ? number.ToString(CultureInfo.InvariantCulture) : (string)key;
                    Flatten(path, name.Length == 0 ? word : $"{name}.{word}", item, found, depth + 1);
                }
                break;
        }
    }

    /// <summary>Refuses a view that reaches beyond its storage.</summary>
    private static void Check(string name, Pickle.TensorView view)
    {
        var last = view.Offset;
        var sound = view.Shape.Length == view.Strides.Length && view.Shape.Length <= MostDimensions && view.Offset >= 0
            && view.Shape.All(side => side >= 0) && view.Strides.All(stride => stride >= 0);
        if (sound && Count(view.Shape) > 0)
        {
            for (var i = 0; i < view.Shape.Length; i++) last = checked(last + (view.Shape[i] - 1) * view.Strides[i]);
            sound = last < view.Storage.Count && Count(view.Shape) <= view.Storage.Count;
        }
        if (!sound) throw new InvalidDataException($"tensor '{name}' reaches beyond its values");
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (count, side) => checked(count * side));

    private static byte[] Bytes(ZipArchiveEntry entry, int most)
    {
        if (entry.Length > most) throw new InvalidDataException($"{entry.Name} is too long");
        var bytes = new byte[entry.Length];
        Fill(entry, bytes);
        return bytes;
    }

    /// <summary>PyTorch does not compress; what does could unpack to any size.</summary>
    private static void Fill(ZipArchiveEntry entry, Span<byte> bytes)
    {
        if (entry.CompressedLength != entry.Length) throw new InvalidDataException($"{entry.Name} is compressed, as PyTorch never has it");
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
    }
}
