using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage.Foreign;

/// <summary>
/// Tensors of a file of weights, whoever wrote it: safetensors, PyTorch's <c>.pth</c> or ONNX, told apart by their content.
/// </summary>
public static class ForeignTensors
{
    /// <summary>
    /// Reads all tensors in 32 bits to the CPU, by name, in the file's order; the caller's dispose scope owns them. Dictionaries within one
    /// another become names with dots.
    /// </summary>
    /// <exception cref="UserException">The file is none of the three, or damaged, or holds what this program does not read.</exception>
    public static IReadOnlyList<(string Name, Tensor Values)> Read(string path)
    {
        if (IsZip(path)) return PickledTensors.Read(path);
        return Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase)
            ? OnnxInitializers.Read(path).Tensors
            : Safe(path);
    }

    /// <summary>Says in one line what a file cannot be read for.</summary>
    internal static T Guarded<T>(string path, string format, Func<FileStream, T> read)
    {
        using var file = RegularFile.OpenGiven(path);
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new DamagedFileException($"{path}: not {format}, or damaged ({e.Message})", e);
        }
        catch (IOException e)
        {
            throw new UserException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>The values in 32 bits, which is what networks have, in the present dispose scope.</summary>
    internal static Tensor Wide(Tensor values)
    {
        using (values) return values.dtype == ScalarType.Float32 ? values.alias() : values.to(ScalarType.Float32);
    }

    /// <summary>Whether the file begins as a zip archive does, which is what PyTorch writes.</summary>
    private static bool IsZip(string path) => Guarded(path, "a file of weights", file =>
    {
        Span<byte> first = stackalloc byte[4];
        var count = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        // A pickle that begins with PyTorch's number of ten bytes; as the length of a safetensors header it would be beyond all.
        if (count == 4 && first[0] == 0x80 && first[1] is >= 2 and <= 5 && first[2] == 0x8a && first[3] == 10)
            throw new UserException(
                $"{path}: a .pth of PyTorch before 1.6, which this program does not read; load it there and save its state_dict() again, or write safetensors");
        return count == 4 && first.SequenceEqual("PK\u0003\u0004"u8);
    });

    private static List<(string Name, Tensor Values)> Safe(string path)
    {
        var (tensors, _) = SafeTensors.Read(path);
        return [.. tensors.Select(entry => (entry.Key, Wide(entry.Value)))];
    }
}
