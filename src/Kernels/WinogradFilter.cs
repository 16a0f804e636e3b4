namespace DataSsl.Kernels;

/// <summary>The filters of F(4x4, 3x3) in their transformed form.</summary>
internal static class WinogradFilter
{
    private const int Taps = 3, Side = 6;

    /// <summary>What a filter's three taps are worth at the six points 0, 1, -1, 2, -2 and infinity.</summary>
    private static readonly double[] Points =
    [
        1 / 4.0, 0, 0,
        -1 / 6.0, -1 / 6.0, -1 / 6.0,
        -1 / 6.0, 1 / 6.0, -1 / 6.0,
        1 / 24.0, 1 / 12.0, 1 / 6.0,
        1 / 24.0, -1 / 12.0, 1 / 6.0,
        0, 0, 1,
    ];

    /// <summary>[filters, 3, 3] -> [6 * 6, filters].</summary>
    public static float[] Transform(ReadOnlySpan<float> filters)
    {
        var count = filters.Length / (Taps * Taps);
        var result = new float[Side * Side * count];
        Span<double> rows = stackalloc double[Side * Taps];
        for (var i = 0; i < count; i++)
        {
            var filter = filters.Slice(i * Taps * Taps, Taps * Taps);
            for (var y = 0; y < Side; y++)
                for (var x = 0; x < Taps; x++)
                    rows[y * Taps + x] = Points[y * Taps] * filter[x] + Points[y * Taps + 1] * filter[Taps + x]
                        + Points[y * Taps + 2] * filter[2 * Taps + x];
            for (var y = 0; y < Side; y++)
                for (var x = 0; x < Side; x++)
                    result[(y * Side + x) * count + i] = (float)(
                        rows[y * Taps] * Points[x * Taps] + rows[y * Taps + 1] * Points[x * Taps + 1]
                            + rows[y * Taps + 2] * Points[x * Taps + 2]);
        }
        return result;
    }
}
