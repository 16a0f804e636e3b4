using System.Text.Json.Serialization;
using DataSsl.Kernels;

namespace DataSsl.Runtime.Data;

/// <summary>
/// How the pixels of a run's pictures become a network's inputs: what is read of each, and the mean and deviation that every band is
/// normalised by. All that show pictures to the run's networks take it from the run.
/// </summary>
/// <param name="Format">What is read of each picture.</param>
/// <param name="Mean">By band, of values from 0 to 1: subtracted.</param>
/// <param name="Deviation">By band: divides after that.</param>
public sealed record PixelRule(PixelFormat Format, Channels Mean, Channels Deviation)
{
    /// <summary>Red, green and blue of 8 bits by ImageNet's statistics: of every run that says nothing else.</summary>
    public static PixelRule ImageNet { get; } = new(
        PixelFormat.Rgb, new(ImageNetStatistics.Mean), new(ImageNetStatistics.Deviation));

    /// <summary>Values from 0 to 1 as they are.</summary>
    public static PixelRule Plain(PixelFormat format) =>
        new(format, new(new double[format.Bands]), new(Enumerable.Repeat(1.0, format.Bands).ToArray()));

    /// <summary>Whether it is the usual one.</summary>
    [JsonIgnore]
    public bool IsImageNet => this == ImageNet;

    /// <summary>Whether its statistics are ImageNet's.</summary>
    [JsonIgnore]
    public bool IsByImageNet => Mean == ImageNet.Mean && Deviation == ImageNet.Deviation;

    /// <summary>In a line.</summary>
    public override string ToString() => $"{Format}, less {Rounded(Mean)}, over {Rounded(Deviation)}";

    /// <summary>What is wrong with a rule that a file names; null for a sound one.</summary>
    public string? FirstProblem()
    {
        if (Format.Bands is < 1 or > PixelFormat.MostBands || Format.Bits is not (8 or 16))
            return $"pixels of {Format}: give 1 to {PixelFormat.MostBands} bands of 8 or 16 bits";
        if (Mean.Count != Format.Bands || Deviation.Count != Format.Bands)
            return $"pixels of {Format}: give as many means and deviations";
        foreach (var mean in Mean.Values)
            if (!double.IsFinite(mean)) return $"pixels: {Mean} is no mean";
        foreach (var deviation in Deviation.Values)
            if (!double.IsFinite(deviation) || deviation <= 0) return $"pixels: {Deviation} is no deviation";
        return null;
    }

    private static string Rounded(Channels values) =>
        $"({string.Join(", ", values.Values.ToArray().Select(value => FormattableString.Invariant($"{value:0.####}")))})";
}
