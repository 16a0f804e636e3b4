using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// A square picture between the steps, [S, 3, P] float32 in [0, 1]: each row a run of red, one of green and one of blue, each with zeros
/// behind it up to whole vectors.
/// </summary>
internal sealed class Planes
{
    private readonly float[] values;

    public Planes(int size)
    {
        Size = size;
        Pitch = ResizeFilter.Padded(size);
        values = new float[size * 3 * Pitch];
    }

    /// <summary>The side in pixels.</summary>
    public int Size { get; }

    /// <summary>Floats from one run to the next.</summary>
    public int Pitch { get; }

    /// <summary>Row <paramref name="y"/>: [3, P].</summary>
    public Span<float> this[int y] => values.AsSpan(y * 3 * Pitch, 3 * Pitch);
}
