using System.Runtime.InteropServices;

namespace DataSsl.Kernels;

/// <summary>A matrix in bytes, and what turns rows of values into bytes.</summary>
/// <param name="Values">Its transpose's rows, of 7 bits, one after the other: [columns, places, channels].</param>
/// <param name="Channels">Values that lie together in a row.</param>
/// <param name="Scales">What a weight of 1 stands for, a column.</param>
/// <param name="Bias">A column.</param>
/// <param name="Input">How the rows' values become bytes.</param>
internal sealed record ByteMatrix(sbyte[] Values, int Channels, float[] Scales, float[] Bias, Quantisation Input)
{
    /// <summary>A matrix of a file, with a scale and a bias a column, and the scale and the zero of the values that it takes.</summary>
    /// <param name="kernel">Side of a convolution's, [columns, channels, kernel, kernel]; 0 for a matrix [columns, channels].</param>
    /// <exception cref="InvalidDataException">A tensor is missing, has another shape or type, or a value that cannot be.</exception>
    public static ByteMatrix Read(Weights weights, string key, int columns, int channels, int kernel = 0)
    {
        var whole = weights.ReadBytes(key + ".weight", kernel == 0 ? [columns, channels] : [columns, channels, kernel, kernel]);
        if (Array.Exists(whole, weight => weight is < -SevenBits.Most or > SevenBits.Most))
            throw weights.Refusal(key + ".weight", "holds more than the 7 bits of a weight");
        var (scales, bias) = (weights.Read(key + ".scale", columns), weights.Read(key + ".bias", columns));
        return new(
            Weights.Transposed(whole, columns, channels, whole.Length / columns / channels), channels, scales, bias,
            Taken(weights, key));
    }

    /// <summary>How the values that a layer of a file takes become bytes.</summary>
    /// <exception cref="InvalidDataException">It is missing, or holds values that cannot be.</exception>
    public static Quantisation Taken(Weights weights, string key)
    {
        var range = weights.Read(key + ".input", 2);
        return range[0] > 0 && range[1] is >= 0 and <= byte.MaxValue && range[1] == MathF.Floor(range[1])
            ? new(range[0], (byte)range[1])
            : throw weights.Refusal(key + ".input", "is no scale and no byte of zero");
    }

    public int Columns => Bias.Length;

    /// <summary>Values of a row: all channels of all places.</summary>
    public int Length => Values.Length / Columns;

    /// <summary>Bytes of a place: its channels up to whole groups.</summary>
    public int Pitch => (Channels + ByteSums.Group - 1) / ByteSums.Group * ByteSums.Group;

    /// <summary>Of a row.</summary>
    public int Groups => Length / Channels * Pitch / ByteSums.Group;

    /// <summary>The transpose's rows in whole groups, each in the place of a 32-bit value.</summary>
    public float[] Grouped()
    {
        var (places, grouped) = (Values.Length / Channels, new float[Columns * Groups]);
        var bytes = MemoryMarshal.Cast<float, sbyte>(grouped.AsSpan());
        for (var place = 0; place < places; place++) Values.AsSpan(place * Channels, Channels).CopyTo(bytes[(place * Pitch)..]);
        return grouped;
    }

    /// <summary>What a column's sum has too much, or too little, for its rows' bytes stand for other values than they are.</summary>
    /// <param name="shift">What bytes lose before they are multiplied.</param>
    public int[] Offsets(int shift)
    {
        var offsets = new int[Columns];
        for (var i = 0; i < Values.Length; i++) offsets[i / Length] += (shift - Input.Zero) * Values[i];
        return offsets;
    }

    /// <summary>The bias in steps of the output's bytes, or as it is.</summary>
    public float[] Biases(Quantisation? output) => output is { } bytes ? Array.ConvertAll(Bias, bytes.InSteps) : Bias;

    /// <summary>What a product of 1 stands for, a column.</summary>
    /// <param name="output">The bytes in whose steps that is; null for values.</param>
    public float[] Factors(Quantisation? output) =>
        Array.ConvertAll(Scales, scale => scale * Input.Scale * (output?.Inverse ?? 1));

    /// <summary>The same weights in 32 bits, [columns, channels, places]: those of a convolution as its file has them.</summary>
    public Weights.Matrix Widened()
    {
        var values = Weights.Transposed(Values, Columns, Length / Channels, Channels);
        return new([.. values.Select((value, i) => value * Scales[i / Length])], Bias);
    }
}
