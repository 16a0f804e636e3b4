namespace DataSsl.Search.Scores;

/// <summary>
/// The likeness of single images in the compact form that confidence is computed from: 32-bit means of as few neighbouring images as fit,
/// one where there is room. Scores are means of all images in 64 bits and do not pass through it.
/// </summary>
public static class ImageUnits
{
    /// <summary>Bytes that the units of all candidates may take together.</summary>
    private const long MostBytes = 256L << 20;

    /// <summary>Fewer would say little about the spread between images.</summary>
    private const int Fewest = 32;

    /// <summary>Units of one task and candidate.</summary>
    public static int Count(int candidates, int images, int tasks)
    {
        var fitting = MostBytes / sizeof(float) / Math.Max(1, candidates) / tasks;
        return (int)Math.Min(images, Math.Max(fitting, Fewest));
    }

    /// <summary>[tasks, images] -> [tasks, units], each the mean of neighbours whose numbers differ by at most one.</summary>
    public static float[] Of(double[] likeness, int tasks, int units)
    {
        var images = likeness.Length / tasks;
        var values = new float[tasks * units];
        for (var task = 0; task < tasks; task++)
            for (var unit = 0; unit < units; unit++)
            {
                var (start, end) = ((int)((long)unit * images / units), (int)((long)(unit + 1) * images / units));
                values[task * units + unit] = (float)Mean(likeness.AsSpan(task * images + start, end - start));
            }
        return values;
    }

    /// <summary>[tasks, images] -> [tasks]: the scores.</summary>
    public static double[] Scores(double[] likeness, int tasks)
    {
        var images = likeness.Length / tasks;
        return [.. Enumerable.Range(0, tasks).Select(task => Mean(likeness.AsSpan(task * images, images)))];
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}
