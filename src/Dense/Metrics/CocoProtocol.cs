namespace DataSsl.Dense.Metrics;

/// <summary>The numbers of COCO's evaluation, to the last bit: a recall of 0.28 is not that of 28 of its steps of 0.01.</summary>
internal static class CocoProtocol
{
    /// <summary>Detections of a class on an image that count, the best first.</summary>
    public const int MostDetections = 100;

    /// <summary>Overlaps from which on a detection is right: 0.5 to 0.95.</summary>
    public static double[] Overlaps { get; } = Steps(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read: 0 to 1.</summary>
    public static double[] Recalls { get; } = Steps(0, 1, 101);

    /// <summary>Square pixels of objects: all, small, medium, large; the limits belong to both.</summary>
    public static (double From, double To)[] Areas { get; } = [(0, 1e5 * 1e5), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e5 * 1e5)];

    /// <summary>Detections an image for the recalls.</summary>
    public static int[] Counts { get; } = [1, 10, MostDetections];

    private static double[] Steps(double from, double to, int count)
    {
        var step = (to - from) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 ? to : i * step + from)];
    }
}
