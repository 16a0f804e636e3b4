using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.Kernels;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Emit;

/// <summary>
/// What the methods of emitted classes that take pictures normalise by: pictures of red, green and blue, or of grey, in bytes.
/// </summary>
/// <param name="Mean">By channel, of values from 0 to 1: subtracted.</param>
/// <param name="Deviation">By channel: divides after that.</param>
public sealed record PictureRule(EquatableArray<double> Mean, EquatableArray<double> Deviation)
{
    /// <summary>Of a class that takes images alone: its pictures are no bytes, or of other bands.</summary>
    public static PictureRule None { get; } = new([], []);

    /// <summary>Red, green and blue by ImageNet's statistics.</summary>
    public static PictureRule ImageNet { get; } =
        new(ImageNetStatistics.Mean.ToEquatableArray(), ImageNetStatistics.Deviation.ToEquatableArray());

    /// <summary>What a class does where nothing else is said: ImageNet's rule, where its images are of three channels.</summary>
    public static PictureRule Usual(NetworkPlan plan) => plan.Space.InputChannels == 3 ? ImageNet : None;

    /// <summary>Channels of a pixel; 0 for no pictures.</summary>
    public int Channels => Mean.Count;

    /// <summary>What the pixels are called in code.</summary>
    internal string Parameter => Channels == 1 ? "grey" : "rgb";

    /// <summary>Bytes of a pixel in words.</summary>
    internal string Bytes => Channels == 1 ? "one byte" : "three bytes";

    /// <summary>Whose the statistics are.</summary>
    internal string Owner => this == ImageNet ? "ImageNet's" : "its training images'";
}
