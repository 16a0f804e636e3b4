using DataSsl.Dense.Boxes;

namespace DataSsl.Dense.Heads;

/// <summary>How proposals become detections; defaults are torchvision's of Faster R-CNN with a pyramid.</summary>
public sealed record RegionSettings
{
    /// <summary>Detections with a shorter side are none.</summary>
    public const double SmallestSide = 1e-2;

    /// <summary>From a proposal and a code to a box.</summary>
    public static BoxCoder Coder { get; } = new(10, 5);

    /// <summary>Which proposals stand for a box.</summary>
    public Matcher Matcher { get; init; } = new(0.5, 0.5, KeepsBest: false);

    /// <summary>Those that the loss is taken over.</summary>
    public BalancedSampler Sampler { get; init; } = new(512, 0.25);

    /// <summary>What the box head sees of a proposal.</summary>
    public RoIAlign Pool { get; init; } = new(7, 2);

    /// <summary>Detections above this score stay.</summary>
    public double Score { get; init; } = 0.05;

    /// <summary>Of two of a class that overlap more the worse one goes.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>Of an image, at most.</summary>
    public int Detections { get; init; } = 100;

    /// <summary>Where the loss of a code turns from square to linear.</summary>
    public double Beta { get; init; } = 1.0 / 9;

    /// <summary>Detectron2's of Faster R-CNN C4: C5 halves what it sees; the loss of codes is linear.</summary>
    public static RegionSettings C4 { get; } = new() { Pool = new(14, 0, aligned: true), Beta = 0 };
}
