namespace DataSsl.Dense.Metrics;

/// <summary>
/// How many pixels of each class were taken for which: of images one after the other, each kept apart as far as intervals need it.
/// </summary>
/// <param name="classes">How many classes there are.</param>
/// <param name="voidNumber">The number of pixels that do not count.</param>
public sealed class ConfusionMatrix(int classes, int voidNumber)
{
    private readonly long[,] counts = new long[classes, classes];
    private readonly List<(long Both, long Either)[]> images = [];

    /// <summary>Images that were added.</summary>
    public int Images => images.Count;

    /// <summary>Pixels of a class that were taken for another, or the same.</summary>
    public long this[int truth, int found] => counts[truth, found];

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Class of each pixel, or void.</param>
    /// <param name="found">Class of each pixel; where the truth is void it is of no matter.</param>
    /// <exception cref="ArgumentException">They are of different lengths, or have a number that is no class.</exception>
    public void Add(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> found)
    {
        if (truth.Length != found.Length) throw new ArgumentException($"{truth.Length} pixels of truth, and {found.Length} found");
        var image = new long[classes, classes];
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] == voidNumber) continue;
            if (truth[i] >= classes || found[i] >= classes)
                throw new ArgumentException($"pixel {i}: {truth[i]} taken for {found[i]}, of {classes} classes");
            image[truth[i], found[i]]++;
        }
        images.Add([.. Enumerable.Range(0, classes).Select(number => Parts(image, number))]);
        for (var i = 0; i < classes; i++)
            for (var j = 0; j < classes; j++) counts[i, j] += image[i, j];
    }

    /// <summary>Intersection over union of each class over all images; not a number where a class neither is there nor was found.</summary>
    public double[] ByClass() => [.. Enumerable.Range(0, classes).Select(number => Iou(Parts(counts, number)))];

    /// <summary>The mean over the classes: mIoU.</summary>
    public double Mean() => CocoEvaluation.Mean(ByClass());

    /// <summary>The share of pixels that are right; not a number where all are void.</summary>
    public double Accuracy() => (double)Enumerable.Range(0, classes).Sum(number => counts[number, number]) / counts.Cast<long>().Sum();

    /// <summary>The mean, then each class, with images taken so many times each.</summary>
    internal double[] Drawn(int[] times)
    {
        var drawn = Enumerable.Range(0, classes).Select(number =>
        {
            var (both, either) = (0L, 0L);
            for (var i = 0; i < images.Count; i++)
                (both, either) = (both + times[i] * images[i][number].Both, either + times[i] * images[i][number].Either);
            return Iou((both, either));
        }).ToArray();
        return [CocoEvaluation.Mean(drawn), .. drawn];
    }

    private (long Both, long Either) Parts(long[,] of, int number)
    {
        var either = -of[number, number];
        for (var i = 0; i < classes; i++) either += of[number, i] + of[i, number];
        return (of[number, number], either);
    }

    private static double Iou((long Both, long Either) parts) => parts.Either == 0 ? double.NaN : (double)parts.Both / parts.Either;
}
