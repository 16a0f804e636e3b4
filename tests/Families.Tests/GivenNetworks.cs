using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>
/// A network of torchvision with weights of a formula, as <c>given/record.py</c> recorded it: the names and shapes of its tensors, and what
/// it gives for images of the formula.
/// </summary>
/// <param name="Tensors">torchvision's name, timm's, and the shape.</param>
/// <param name="Embedding">Every n-th channel of two images' embeddings.</param>
internal sealed record GivenNetworks(int Size, IReadOnlyList<(string Torchvision, string Timm, long[] Shape)> Tensors, float[] Embedding)
{
    public static GivenNetworks Named(string name)
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "given", "networks.txt")).Select(line => line.Split(' '))
            .SkipWhile(line => line is not ["network", var title, _] || title != name).ToList();
        var tensors = lines.Skip(1).TakeWhile(line => line[0] == "tensor")
            .Select(line => (line[1], line[2], line[3] == "-" ? [] : Array.ConvertAll(line[3].Split(','), long.Parse))).ToList();
        return new(
            int.Parse(lines[0][2]), tensors,
            Array.ConvertAll(lines[tensors.Count + 1][1].Split(','), value => float.Parse(value, CultureInfo.InvariantCulture)));
    }

    /// <summary>The state dict with the values that torchvision was given, under either library's names.</summary>
    public IEnumerable<(string Name, Tensor Values)> State(bool timm) =>
        Tensors.Select(
            tensor =>
                (timm ? tensor.Timm : tensor.Torchvision, tensor.Shape.Length == 0 ? zeros([], ScalarType.Int64)
                    : Values(tensor.Torchvision, tensor.Shape)));

    /// <summary>The images: [2, 3, S, S].</summary>
    public Tensor Images() => Values("images", [2, 3, Size, Size]) * (float)Math.Sqrt(3.0 * Size * Size);

    private static Tensor Values(string name, long[] shape)
    {
        var (seed, values) = (Crc32(name), new float[shape.Aggregate(1L, (count, side) => count * side)]);
        var (isMatrix, isScale) = (shape.Length > 1 && shape[0] > 1, name.EndsWith("running_var", StringComparison.Ordinal)
            || (name.EndsWith("weight", StringComparison.Ordinal) && shape.Length == 1));
        var width = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (count, side) => count * side));
        for (var i = 0; i < values.Length; i++)
        {
            var hash = (uint)((ulong)i * 2654435761 + seed);
            hash = (hash ^ (hash >> 16)) * 0x45D9F3B;
            hash ^= hash >> 16;
            var draw = hash / 2147483648.0 - 1;
            values[i] = (float)(isMatrix ? draw * width : isScale ? 0.1 * draw + 1 : 0.1 * draw);
        }
        return tensor(values, shape);
    }

    private static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var value in Encoding.ASCII.GetBytes(text))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }
}
