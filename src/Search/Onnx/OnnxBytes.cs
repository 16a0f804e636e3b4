using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>
/// What a graph keeps in 8 bits, in the standard form that runtimes fuse into whole-number products: each value goes through
/// QuantizeLinear and DequantizeLinear before an operator, and weights come from such.
/// </summary>
/// <param name="hasMaps">
/// Whether blocks give maps, which are added up in 8 bits; tokens, whose few largest values carry much, are not.
/// </param>
internal sealed class OnnxBytes(OnnxGraph graph, EightBits bits, bool hasMaps)
{
    /// <summary>What a bias may be at the most of its 32 bits: the products are added to it.</summary>
    private const double MostOfBias = 1 << 30;

    /// <summary>Names of values that went through 8 bits, by those before; the former also by themselves.</summary>
    private readonly Dictionary<string, string> kept = [];

    /// <summary>Values with the range of another.</summary>
    private readonly Dictionary<string, string> likes = [];

    private readonly Dictionary<string, ByteRange> ranges = [];

    private readonly Dictionary<int, string> zeros = [];

    public bool HasMaps => hasMaps;

    /// <inheritdoc cref="EightBits.Takes"/>
    public bool Takes(string layer) => bits.Takes(layer);

    /// <summary>A value that went through 8 bits, once however many take it.</summary>
    public string Value(string x)
    {
        if (kept.TryGetValue(x, out var known)) return known;
        var range = Range(x);
        var (scale, zero) = (graph.Values(x + ".scale", [range.Scale]), graph.Values(x + ".zero", [range.Zero]));
        var value = graph.Apply(
            x + ".kept", "DequantizeLinear", [graph.Apply(x + ".bytes", "QuantizeLinear", [x, scale, zero]), scale, zero]);
        return kept[x] = kept[value] = value;
    }

    /// <summary>Says that a value which went through 8 bits has got another name.</summary>
    public void Rename(string x, string name)
    {
        kept[x] = kept[name] = name;
        likes.Add(name, x);
    }

    /// <summary>Gives a value the range of another, whose largest it is.</summary>
    public void KeepAs(string x, string other) => likes.Add(x, other);

    /// <summary>The inputs of a convolution.</summary>
    /// <param name="weight">[O, I, K, K].</param>
    /// <param name="bias">[O].</param>
    public string[] Convolution(string key, string x, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var (value, step) = (Value(x), Input(key, x).Scale);
        // A channel whose weights are all but nothing beside its bias has a coarser scale, so that the bias fits.
        var scales = maximum(ByteWeights.Scales(weight, 0), bias.abs().to(ScalarType.Float64) / (step * MostOfBias));
        var steps = scales * step;
        var whole = (bias.to(ScalarType.Float64) / steps).round().to(ScalarType.Int32);
        return
        [
            value, Weight(key, weight, scales, 0),
            Dequantised(key + ".bias", whole.data<int>().ToArray(), whole.shape, Floats(steps), axis: 0),
        ];
    }

    /// <summary>The factors of a product.</summary>
    /// <param name="matrix">[I, O].</param>
    public string[] Product(string key, string x, Tensor matrix)
    {
        using var scope = NewDisposeScope();
        Input(key, x);
        return [Value(x), Weight(key, matrix, ByteWeights.Scales(matrix, 1), 1)];
    }

    private ByteRange Input(string key, string x)
    {
        bits.Input?.Invoke(key, Ranged(x));
        return Range(x);
    }

    private ByteRange Range(string x)
    {
        x = Ranged(x);
        return ranges.TryGetValue(x, out var known) ? known : ranges[x] = bits.Range(x);
    }

    /// <summary>The value whose range another has.</summary>
    private string Ranged(string x)
    {
        while (likes.TryGetValue(x, out var other)) x = other;
        return x;
    }

    private string Weight(string key, Tensor weight, Tensor scales, int axis)
    {
        var whole = ByteWeights.Whole(weight, scales, axis);
        return Dequantised(key + ".weight", whole.data<sbyte>().ToArray(), whole.shape, Floats(scales), axis);
    }

    /// <summary>The zeros of so many outputs' weights, which all layers of one width share; those of biases may be left out.</summary>
    private string Zeros(int count)
    {
        if (zeros.TryGetValue(count, out var name)) return name;
        return zeros[count] = graph.Values<sbyte>(FormattableString.Invariant($"zeros.{count}"), new sbyte[count], count);
    }

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).data<float>().ToArray();

    private string Dequantised<T>(string name, T[] whole, long[] shape, float[] scales, long axis) where T : unmanaged =>
        graph.Apply(
            name, "DequantizeLinear",
            [
                graph.Values<T>(name + ".whole", whole, shape), graph.Values<float>(name + ".scale", scales, scales.Length),
                .. typeof(T) == typeof(sbyte) ? new[] { Zeros(scales.Length) } : [],
            ],
            ("axis", axis));
}
