using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Training;

/// <summary>The numbers that a training run can have, whoever says them: an option, a recipe, a saved configuration.</summary>
public static class TrainBounds
{
    /// <summary>Side of a square image in pixels. What a network needs at the least is its space's to say.</summary>
    public static Bounds<int> Side => ViewBounds.Size;

    /// <summary>Images a step.</summary>
    public static Bounds<int> Batch { get; } = new(2, 65_536) { Reason = "BatchNorm needs more than one image" };

    /// <summary>Passes over the images.</summary>
    public static Bounds<int> Epochs { get; } = new(1, 1_000_000);

    /// <summary>Epochs at the beginning over which the rate grows, or a part of one.</summary>
    public static Bounds<double> Warmup { get; } = new(0, 1_000_000);

    /// <summary>A learning rate.</summary>
    public static Bounds<double> Rate { get; } = new(0, 1000) { IsAbove = true };

    /// <summary>A learning rate that may be none.</summary>
    public static Bounds<double> FinalRate { get; } = new(0, 1000);

    /// <summary>A weight decay.</summary>
    public static Bounds<double> WeightDecay { get; } = new(0, 1000);

    /// <summary>The largest norm of a gradient; 0 for any.</summary>
    public static Bounds<double> Clip { get; } = new(0, 1e9);

    /// <summary>The share of a supernet's steps that train Max alone, as it may be asked for.</summary>
    public static Bounds<double> MaxFirst { get; } = new(0, 1)
    {
        IsBelow = true,
        Reason = "its subnets would not train at all; --arch Max trains Max by itself",
    };

    /// <summary>The share of images that the last block's branches are left out for.</summary>
    public static Bounds<double> DropPath { get; } = new(0, 1) { IsBelow = true };

    /// <summary>Groups of a batch with statistics of their own.</summary>
    public static Bounds<int> NormGroups { get; } = new(1, 32_768);
}
