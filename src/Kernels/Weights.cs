using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace DataSsl.Kernels;

/// <summary>The tensors of a safetensors file: an 8-byte length, a JSON header (name -> type, shape, place), then the raw little-endian values.</summary>
internal sealed class Weights : IDisposable
{
    /// <summary>What PyTorch adds to a variance unless told otherwise.</summary>
    private const double Epsilon = 1e-5;

    private const string Metadata = "__metadata__";

    private readonly string path;
    private readonly byte[] file;
    private readonly int start;
    private readonly JsonDocument header;
    private readonly HashSet<string> read = [];

    /// <exception cref="InvalidDataException">It is none of this format, or damaged.</exception>
    public Weights(string path)
    {
        (this.path, file) = (path, File.ReadAllBytes(path));
        var length = file.Length >= 8 ? BinaryPrimitives.ReadInt64LittleEndian(file) : -1;
        if (length < 2 || length > file.Length - 8) throw new InvalidDataException($"{path}: not a safetensors file");
        start = 8 + (int)length;
        header = Header(path, file.AsMemory(8, (int)length));
        if (header.RootElement.TryGetProperty(Metadata, out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("checksum", out var checksum))
            Check(checksum.ToString());
    }

    /// <summary>A matrix with its transpose's rows one after the other, [columns, length], and a bias a column.</summary>
    public sealed record Matrix(float[] Values, float[] Bias)
    {
        public int Columns => Bias.Length;

        public int Length => Values.Length / Bias.Length;

        /// <summary>The weights [O, C, K, K] of a convolution as [O, K, K, C], which is how a map lies.</summary>
        public Matrix ChannelsLast(int channels)
        {
            var (values, places) = (new float[Values.Length], Length / channels);
            for (var o = 0; o < Columns; o++)
                for (var c = 0; c < channels; c++)
                    for (var k = 0; k < places; k++)
                        values[(o * places + k) * channels + c] = Values[(o * channels + c) * places + k];
            return this with { Values = values };
        }
    }

    public void Dispose() => header.Dispose();

    /// <summary>A tensor's values.</summary>
    /// <exception cref="InvalidDataException">It is missing, cut short, or has another shape or type.</exception>
    public float[] Read(string key, params ReadOnlySpan<int> shape)
    {
        if (!header.RootElement.TryGetProperty(key, out var entry)) throw new InvalidDataException($"{path}: no tensor '{key}'");
        read.Add(key);
        var (count, expected) = (1, string.Join(", ", shape.ToArray()));
        foreach (var side in shape) count *= side;
        var (type, actual) = Field(key, () => (entry.GetProperty("dtype").GetString(), string.Join(", ", entry.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()))));
        if (type != "F32" || actual != expected) throw new InvalidDataException($"{path}: '{key}' is not a 32-bit tensor of shape [{expected}]");
        var (first, end) = PlaceOf(key, entry);
        if (end - first != (long)count * sizeof(float)) throw new InvalidDataException($"{path}: '{key}' is cut short");
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(start + (int)first, count * sizeof(float))).ToArray();
    }

    /// <summary>A matrix with bias.</summary>
    public Matrix Linear(string key, int columns, int length) => new(Read(key + ".weight", columns, length), Read(key + ".bias", columns));

    /// <summary>A convolution with bias: patches.</summary>
    public Matrix Patches(string key, int columns, int channels, int kernel) => new(Read(key + ".weight", columns, channels, kernel, kernel), Read(key + ".bias", columns));

    /// <summary>A convolution [O, C, K, K] with the BatchNorm behind it, in its evaluation form, made one: scaled weights and a bias.</summary>
    public Matrix Folded(string key, string norm, int columns, int channels, int kernel)
    {
        var values = Read(key + ".weight", columns, channels, kernel, kernel);
        var (weight, bias) = (Read(norm + ".weight", columns), Read(norm + ".bias", columns));
        var (mean, variance) = (Read(norm + ".running_mean", columns), Read(norm + ".running_var", columns));
        var length = values.Length / columns;
        for (var o = 0; o < columns; o++)
        {
            var factor = weight[o] / Math.Sqrt(variance[o] + Epsilon);
            bias[o] = (float)(bias[o] - mean[o] * factor);
            for (var i = 0; i < length; i++) values[o * length + i] = (float)(values[o * length + i] * factor);
        }
        return new(values, bias);
    }

    /// <summary>Refuses a file with tensors of this network's parts that the network does not have: it is another architecture's.</summary>
    /// <param name="passedOver">A part that may be in the file without being read: the classification head.</param>
    public void CheckAllRead(string passedOver)
    {
        var parts = read.Select(key => key.Split('.')[0]).ToHashSet();
        foreach (var entry in header.RootElement.EnumerateObject())
        {
            var key = entry.Name;
            if (key != Metadata) PlaceOf(key, entry.Value);
            if (read.Contains(key) || !parts.Contains(key.Split('.')[0]) || key.StartsWith(passedOver + ".", StringComparison.Ordinal) || key.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
            throw new InvalidDataException($"{path}: holds '{key}', which this network does not have");
        }
    }

    /// <summary>Where a tensor lies behind the header, which must be within the file.</summary>
    private (long First, long End) PlaceOf(string key, JsonElement entry)
    {
        var (first, end) = Field(key, () => (entry.GetProperty("data_offsets")[0].GetInt64(), entry.GetProperty("data_offsets")[1].GetInt64()));
        return first >= 0 && end <= file.Length - start ? (first, end) : throw new InvalidDataException($"{path}: '{key}' is cut short");
    }

    private T Field<T>(string key, Func<T> value)
    {
        try
        {
            return value();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{path}: '{key}' has no type, shape and place", e);
        }
    }

    /// <summary>The checksum is of everything behind the length, with zeros in the place of itself.</summary>
    private void Check(string expected)
    {
        var place = file.AsSpan(8, start - 8).IndexOf(Encoding.UTF8.GetBytes(expected));
        if (place >= 0) file.AsSpan(8 + place, expected.Length).Fill((byte)'0');
        if (Sha256.Hex(file.AsSpan(8)) != expected) throw new InvalidDataException($"{path}: its content does not have its checksum");
    }

    private static JsonDocument Header(string path, ReadOnlyMemory<byte> text)
    {
        try
        {
            var header = JsonDocument.Parse(text);
            return header.RootElement.ValueKind == JsonValueKind.Object ? header : throw new JsonException("not an object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not a safetensors file ({e.Message})", e);
        }
    }
}
