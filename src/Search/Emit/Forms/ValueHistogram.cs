using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The numbers that a value has on some images: their ends, then how many lie where between.</summary>
internal sealed class ValueHistogram
{
    private const int Bins = 2048;

    /// <summary>What <see cref="RangeRule.Percentile"/> cuts at either end.</summary>
    private const double Cut = 1e-4;

    /// <summary>Parts of the whole range that <see cref="RangeRule.Mse"/> tries, in equal steps down to <see cref="LeastPart"/>.</summary>
    private const int Parts = 64;

    private const double LeastPart = 0.2;
    private readonly double[] counts = new double[Bins];
    private double least = double.PositiveInfinity, most = double.NegativeInfinity;

    /// <summary>Widens the ends; all images come here before the first comes to <see cref="Count"/>.</summary>
    public void Widen(Tensor values)
    {
        least = Math.Min(least, values.min().item<float>());
        most = Math.Max(most, values.max().item<float>());
    }

    /// <summary>Counts the numbers of some images.</summary>
    public void Count(Tensor values)
    {
        if (most <= least)
        {
            counts[0] += values.numel();
            return;
        }
        // The ends that TorchSharp takes are whole numbers.
        using var bins = (values - least).mul_(Bins / (most - least)).clamp_(0, Bins);
        using var counted = bins.histc(Bins, 0, Bins);
        var more = counted.data<float>().ToArray();
        for (var i = 0; i < Bins; i++) counts[i] += more[i];
    }

    public ByteRange Range(RangeRule rule) => rule switch
    {
        RangeRule.MinMax => ByteRange.Of(least, most),
        RangeRule.Percentile => ByteRange.Of(End(fromBelow: true), End(fromBelow: false)),
        _ => Enumerable.Range(0, Parts).Select(i => 1 - i * (1 - LeastPart) / (Parts - 1))
            .Select(part => ByteRange.Of(part * Math.Min(0, least), part * Math.Max(0, most))).MinBy(Error),
    };

    private double Centre(int bin) => least + (bin + 0.5) * (most - least) / Bins;

    /// <summary>Where the cut part of the numbers ends.</summary>
    private double End(bool fromBelow)
    {
        var (left, all) = (Cut * counts.Sum(), 0d);
        for (var i = 0; i < Bins; i++)
        {
            var bin = fromBelow ? i : Bins - 1 - i;
            if ((all += counts[bin]) > left) return least + (fromBelow ? bin : bin + 1) * (most - least) / Bins;
        }
        return fromBelow ? most : least;
    }

    /// <summary>The sum of squared errors of the numbers, each taken for the middle of its bin.</summary>
    private double Error(ByteRange range)
    {
        var sum = 0d;
        for (var i = 0; i < Bins; i++)
        {
            if (counts[i] == 0) continue;
            var kept = range.Scale * (Math.Clamp(Math.Round(Centre(i) / range.Scale) + range.Zero, 0, byte.MaxValue) - range.Zero);
            sum += counts[i] * (Centre(i) - kept) * (Centre(i) - kept);
        }
        return sum;
    }
}
