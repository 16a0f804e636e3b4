using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// A square picture between the steps, [S, C, P] float32 in [0, 1]: each row a run of each channel (red, green, blue), with zeros behind it
/// up to whole vectors.
/// </summary>
internal sealed class Planes
{
    private readonly float[] values;

    public Planes(int size, int channels)
    {
        (Size, Channels) = (size, channels);
        Pitch = ResizeFilter.Padded(size);
        values = new float[size * channels * Pitch];
    }

    /// <summary>The side in pixels.</summary>
    public int Size { get; }

    /// <summary>Runs of a row.</summary>
    public int Channels { get; }

    /// <summary>Floats from one run to the next.</summary>
    public int Pitch { get; }

    /// <summary>Row <paramref name="y"/>: [C, P].</summary>
    public Span<float> this[int y] => values.AsSpan(y * Channels * Pitch, Channels * Pitch);
}
