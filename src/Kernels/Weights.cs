namespace DataSsl.Kernels;

/// <summary>The weights of a network as its kernels take them: matrices, and convolutions with their norms folded in.</summary>
internal sealed class Weights
{
    private readonly WeightsFile file;
    private readonly string prefix;

    private Weights(WeightsFile file, string prefix) => (this.file, this.prefix) = (file, prefix);

    /// <param name="path">A safetensors file.</param>
    /// <exception cref="InvalidDataException">It is none of this format, or damaged.</exception>
    public Weights(string path) : this(new(path, bytes => Sha256.Hex(bytes)), "")
    {
    }

    /// <summary>Those of a part of the network, under the names that they have in it.</summary>
    public Weights Of(string part) => new(file, $"{prefix}{part}.");

    /// <inheritdoc cref="WeightsFile.IsChecked"/>
    public bool IsChecked => file.IsChecked;

    /// <summary>A matrix with its transpose's rows one after the other, [columns, length], and a bias a column.</summary>
    public sealed record Matrix(float[] Values, float[] Bias)
    {
        public int Columns => Bias.Length;

        public int Length => Values.Length / Bias.Length;

        /// <summary>Both, whose rows are of one length, side by side.</summary>
        public Matrix With(Matrix other) => new([.. Values, .. other.Values], [.. Bias, .. other.Bias]);

        /// <summary>The same in steps of the bytes that the results become; as it is where they stay values.</summary>
        public Matrix In(Quantisation? output) => output is { } bytes
            ? new(Array.ConvertAll(Values, value => value * bytes.Inverse), Array.ConvertAll(Bias, bytes.InSteps))
            : this;

        /// <summary>The weights [O, C, K, K] of a convolution as [O, K, K, C], which is how a map lies.</summary>
        public Matrix ChannelsLast(int channels) => this with { Values = Transposed(Values, Columns, channels, Length / channels) };
    }

    /// <summary>[count, rows, columns] -> [count, columns, rows].</summary>
    public static T[] Transposed<T>(T[] values, int count, int rows, int columns)
    {
        var transposed = new T[values.Length];
        for (var i = 0; i < count; i++)
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    transposed[(i * columns + column) * rows + row] = values[(i * rows + row) * columns + column];
        return transposed;
    }

    /// <summary>A tensor's values.</summary>
    /// <exception cref="InvalidDataException">It is missing, has another shape or type, or a value that is not finite.</exception>
    public float[] Read(string key, params int[] shape) =>
        file.Read(prefix + key, Array.ConvertAll(shape, side => (long)side));

    /// <summary>A matrix with bias.</summary>
    public Matrix Linear(string key, int columns, int length) => new(Read(key + ".weight", columns, length), Read(key + ".bias", columns));

    /// <summary>A convolution with bias.</summary>
    public Matrix Convolution(string key, int columns, int channels, int kernel) =>
        new(Read(key + ".weight", columns, channels, kernel, kernel), Read(key + ".bias", columns));

    /// <summary>A tensor's whole numbers of 8 bits.</summary>
    /// <exception cref="InvalidDataException">It is missing, or has another shape or type.</exception>
    public sbyte[] ReadBytes(string key, params int[] shape) =>
        file.ReadBytes(prefix + key, Array.ConvertAll(shape, side => (long)side));

    /// <summary>Says what is wrong with a tensor.</summary>
    public InvalidDataException Refusal(string key, string why) => new($"{file.Path}: '{prefix}{key}' {why}");

    /// <summary>
    /// A convolution [O, C, K, K] with the BatchNorm behind it, in its evaluation form, made one: scaled weights and a bias.
    /// </summary>
    public Matrix Folded(string key, string norm, int columns, int channels, int kernel)
    {
        var values = Read(key + ".weight", columns, channels, kernel, kernel);
        var (weight, bias) = (Read(norm + ".weight", columns), Read(norm + ".bias", columns));
        var (mean, variance) = (Read(norm + ".running_mean", columns), Read(norm + ".running_var", columns));
        var length = values.Length / columns;
        for (var o = 0; o < columns; o++)
        {
            var factor = weight[o] / Math.Sqrt(variance[o] + NormEpsilon.Batch);
            bias[o] = (float)(bias[o] - mean[o] * factor);
            for (var i = 0; i < length; i++) values[o * length + i] = (float)(values[o * length + i] * factor);
        }
        return new(values, bias);
    }

    /// <inheritdoc cref="WeightsFile.MustBeAllRead"/>
    public void MustBeAllRead() => file.MustBeAllRead();
}
