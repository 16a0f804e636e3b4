namespace DataSsl.Runtime.Training.Objectives;

/// <summary>The numbers that an objective's settings can have, whoever says them: an option, a recipe, a saved configuration.</summary>
public static class ObjectiveBounds
{
    /// <summary>Epochs at the beginning, or none: of a warm-up, of frozen prototypes, before a queue.</summary>
    public static Bounds<int> FirstEpochs { get; } = new(0, 1_000_000);

    /// <summary>A share of a whole.</summary>
    public static Bounds<double> Share { get; } = new(0, 1);

    /// <summary>A temperature of logits.</summary>
    public static Bounds<double> Temperature { get; } = new(0, 1000) { IsAbove = true };

    /// <summary>What stays of a mean in a step.</summary>
    public static Bounds<double> Momentum { get; } = new(0, 1) { IsBelow = true };

    /// <summary>Off or on.</summary>
    public static Bounds<int> Switch { get; } = new(0, 1);

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

    /// <summary>Iterations of Sinkhorn and Knopp.</summary>
    public static Bounds<int> Iterations { get; } = new(1, 1000);
}
