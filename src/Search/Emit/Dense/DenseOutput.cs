using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>What a network for a dense task gives for images of one square.</summary>
public abstract record DenseOutput
{
    /// <summary>How near another network comes to this one.</summary>
    /// <param name="head">Where detections are cut off.</param>
    internal abstract DenseDifference Against(DenseOutput other, HeadSpec head);
}

/// <summary>Of a detector: the objects on each image, the best first.</summary>
public sealed record Objects(IReadOnlyList<IReadOnlyList<FoundBox>> Images) : DenseOutput
{
    /// <summary>Boxes so far apart are others, and scores: what rounding leaves is a hundredth of it.</summary>
    public const double Pixels = 1e-3, Scores = 1e-4;

    internal override DenseDifference Against(DenseOutput other, HeadSpec head)
    {
        var (detector, largest, missed, count) = ((DetectorSpec)head, 0d, 0, 0);
        foreach (var (expected, actual) in Images.Zip(((Objects)other).Images))
        {
            var cut = Cut(expected, detector);
            var (distance, lost) = Matched(expected, actual, cut);
            var (_, added) = Matched(actual, expected, cut);
            (largest, missed, count) = (Math.Max(largest, distance), missed + lost + added, count + expected.Count);
        }
        var others = missed == 0 ? "" : FormattableString.Invariant($", {missed:N0} that only one of both has");
        return new(
            largest, missed,
            FormattableString.Invariant($"{count:N0} boxes on {Images.Count:N0} images{others}, the largest distance {largest:g2} px"),
            largest <= Pixels && missed <= detector.Undecided * count);
    }

    /// <summary>What is near to the score below which nothing is told may be told by one and not by the other.</summary>
    private static double Cut(IReadOnlyList<FoundBox> boxes, DetectorSpec head) =>
        boxes.Count == head.Most ? boxes.Min(box => box.Score) : head.Score;

    private static (double Distance, int Lost) Matched(IReadOnlyList<FoundBox> boxes, IReadOnlyList<FoundBox> others, double cut)
    {
        var (largest, lost) = (0d, 0);
        foreach (var box in boxes)
        {
            var nearest = others.Where(o => o.Label == box.Label && Math.Abs(o.Score - box.Score) <= Scores).MinBy(box.Distance);
            if (nearest is not null && box.Distance(nearest) <= Pixels) largest = Math.Max(largest, box.Distance(nearest));
            else if (box.Score > cut + Scores) lost++;
        }
        return (largest, lost);
    }
}

/// <summary>Of a segmenter: the logits [N, classes, H, W] and labels [N, H, W].</summary>
public sealed record Pixels(Tensor Logits, Tensor Labels) : DenseOutput
{
    /// <summary>What the logits' relative difference (L2) may be.</summary>
    public const double Relative = 1e-4;

    internal override DenseDifference Against(DenseOutput other, HeadSpec head)
    {
        using var scope = NewDisposeScope();
        var (logits, labels) = (Pixels)other;
        var exact = Logits.to(ScalarType.Float64);
        var difference = (exact - logits).norm().item<double>() / exact.norm().item<double>();
        var differ = Labels.ne(labels);
        // Two classes as likely as each other, to rounding: either is right.
        var (best, _) = exact.topk(Math.Min(2, (int)exact.shape[1]), dim: 1);
        var tied = best.shape[1] < 2 ? zeros_like(differ) : (best.select(1, 0) - best.select(1, 1)).lt(Relative * exact.abs().max());
        var missed = (int)(differ & tied.logical_not()).sum().item<long>();
        return new(
            difference, missed,
            FormattableString.Invariant(
                $"{Labels.numel():N0} pixels on {Labels.shape[0]:N0} images, {differ.sum().item<long>():N0} of another class, relative difference {difference:g2}"),
            difference <= Relative && missed == 0);
    }
}

/// <summary>How near a form comes to the network that was trained.</summary>
/// <param name="Largest">Of boxes' edges in pixels, or of logits relatively.</param>
/// <param name="Missed">Boxes that only one of both has, or pixels of another class.</param>
/// <param name="Text">Of what, in words.</param>
/// <param name="Holds">Whether it is the same network.</param>
internal sealed record DenseDifference(double Largest, int Missed, string Text, bool Holds);
