namespace DataSsl.Dense.Heads;

/// <summary>How FCOS learns and finds; defaults are torchvision's.</summary>
public sealed record FcosSettings
{
    /// <summary>Convolutions before the logits, and before the boxes.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Groups of each one's norm.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>Positions so near to a box's middle stand for it, in their own size.</summary>
    public double Radius { get; init; } = 1.5;

    /// <summary>Detections above this score stay.</summary>
    public double Score { get; init; } = 0.2;

    /// <summary>Of two of a class that overlap more the worse one goes.</summary>
    public double Overlap { get; init; } = 0.6;

    /// <summary>The best of each map that compete.</summary>
    public int Candidates { get; init; } = 1000;

    /// <summary>Of an image, at most.</summary>
    public int Detections { get; init; } = 100;
}
