namespace DataSsl.Kernels;

/// <summary>Bicubic interpolation of a square map [H, W, C] as PyTorch does it: a = -0.75, half-pixel centres, edges repeated.</summary>
internal static class Bicubic
{
    private const double A = -0.75;

    public static ReadOnlySpan<float> Resize(ReadOnlySpan<float> map, int from, int to, int channels)
    {
        if (from == to) return map;
        var result = new float[to * to * channels];
        for (var y = 0; y < to; y++)
        {
            for (var x = 0; x < to; x++)
            {
                var target = result.AsSpan((y * to + x) * channels, channels);
                var (top, left) = ((y + 0.5) * from / to - 0.5, (x + 0.5) * from / to - 0.5);
                for (var i = -1; i <= 2; i++)
                {
                    for (var j = -1; j <= 2; j++)
                    {
                        var (row, column) = ((int)Math.Floor(top) + i, (int)Math.Floor(left) + j);
                        var weight = (float)(Weight(top - row) * Weight(left - column));
                        var source = map.Slice(
                            (Math.Clamp(row, 0, from - 1) * from + Math.Clamp(column, 0, from - 1)) * channels, channels);
                        for (var c = 0; c < channels; c++) target[c] += weight * source[c];
                    }
                }
            }
        }
        return result;
    }

    private static double Weight(double distance)
    {
        distance = Math.Abs(distance);
        return distance <= 1 ? ((A + 2) * distance - (A + 3)) * distance * distance + 1
            : distance < 2 ? ((A * distance - 5 * A) * distance + 8 * A) * distance - 4 * A
            : 0;
    }
}
