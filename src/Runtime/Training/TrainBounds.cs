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

    /// <summary>Epochs at the beginning, or none: of a warm-up, of frozen prototypes, before a queue.</summary>
    public static Bounds<int> FirstEpochs { get; } = new(0, 1_000_000);

    /// <summary>The same in parts of an epoch.</summary>
    public static Bounds<double> Warmup { get; } = new(0, 1_000_000);

    /// <summary>A learning rate.</summary>
    public static Bounds<double> Rate { get; } = new(0, 1000) { IsAbove = true };

    /// <summary>A learning rate that may be none.</summary>
    public static Bounds<double> FinalRate { get; } = new(0, 1000);

    /// <summary>A weight decay.</summary>
    public static Bounds<double> WeightDecay { get; } = new(0, 1000);

    /// <summary>The largest norm of a gradient; 0 for any.</summary>
    public static Bounds<double> Clip { get; } = new(0, 1e9);

    /// <summary>What stays of a mean in a step.</summary>
    public static Bounds<double> Momentum { get; } = new(0, 1) { IsBelow = true };

    /// <summary>A temperature of logits.</summary>
    public static Bounds<double> Temperature { get; } = new(0, 1000) { IsAbove = true };

    /// <summary>A share of a whole.</summary>
    public static Bounds<double> Share { get; } = new(0, 1);

    /// <summary>The share of a supernet's steps that train Max alone, as it may be asked for.</summary>
    public static Bounds<double> MaxFirst { get; } = new(0, 1) { IsBelow = true, Reason = "its subnets would not train at all; --arch Max trains Max by itself" };

    /// <summary>Numbers in a vector that a head gives.</summary>
    public static Bounds<int> Dimension { get; } = new(1, 16_384);

    /// <summary>Hidden units of a head.</summary>
    public static Bounds<int> Hidden { get; } = new(1, 16_384);

    /// <summary>The same, or none for a head of one matrix.</summary>
    public static Bounds<int> HiddenOrNone { get; } = new(0, 16_384);

    /// <summary>What the relations of positions count for beside embeddings.</summary>
    public static Bounds<double> SpatialWeight { get; } = new(0, 1000);

    /// <summary>A foreign teacher's share of the loss beside another objective's.</summary>
    public static Bounds<double> TeacherWeight { get; } = new(0, 1) { IsAbove = true, IsBelow = true };

    /// <summary>Prototypes, or outputs.</summary>
    public static Bounds<int> Prototypes { get; } = new(1, 262_144);

    /// <summary>Keys kept between steps; 0 for none, where an objective can do without.</summary>
    public static Bounds<int> Queue { get; } = new(0, 1_048_576);

    /// <summary>Groups of a batch with statistics of their own.</summary>
    public static Bounds<int> NormGroups { get; } = new(1, 32_768);

    /// <summary>Iterations of Sinkhorn and Knopp.</summary>
    public static Bounds<int> Iterations { get; } = new(1, 1000);
}
