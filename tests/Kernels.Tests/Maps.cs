namespace DataSsl.Kernels.Tests;

/// <summary>Random values, and maps between planes [C, positions] and the kernels' pixels [positions, padded C].</summary>
internal static unsafe class Maps
{
    public static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    public static Weights.Matrix Matrix(int columns, int length, int seed) =>
        new(Random(columns * length, seed), Random(columns, seed + 1));

    public static Floats Pixels(float[] planes, int channels)
    {
        var (positions, padded) = (planes.Length / channels, Lanes.Padded(channels));
        var pixels = new Floats(positions * padded);
        for (var c = 0; c < channels; c++)
            for (var i = 0; i < positions; i++)
                pixels.Span[i * padded + c] = planes[c * positions + i];
        return pixels;
    }

    public static float[] Planes(Floats pixels, int channels)
    {
        var positions = pixels.Length / Lanes.Padded(channels);
        var planes = new float[positions * channels];
        fixed (float* target = planes) Copy.ToPlanes(pixels.Pointer, positions, channels, target);
        return planes;
    }

    /// <summary>
    /// Compares to a tolerance relative to the largest expected value; and what lies beyond the channels must be zero, as the next layer
    /// takes it for that.
    /// </summary>
    public static void AssertClose(double[] expected, Floats pixels, int channels, double tolerance)
    {
        var (actual, largest) = (Planes(pixels, channels), expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"{i}: {actual[i]}, not {expected[i]}");
        for (var i = 0; i < pixels.Length; i++)
            Assert.True(i % Lanes.Padded(channels) < channels || pixels.Span[i] == 0, $"{i}: {pixels.Span[i]} where there is no channel");
    }
}
