using DataSsl.Dense.Boxes;

namespace DataSsl.Dense.Heads;

/// <summary>How a region proposal network proposes and learns; defaults are torchvision's of Faster R-CNN with a pyramid.</summary>
public sealed record ProposalSettings
{
    /// <summary>Proposals with a shorter side are none.</summary>
    public const double SmallestSide = 1e-3;

    /// <summary>From an anchor and a code to a box.</summary>
    public static BoxCoder Coder { get; } = new(1, 1);

    /// <summary>Which anchors stand for a box.</summary>
    public Matcher Matcher { get; init; } = new(0.7, 0.3, KeepsBest: true);

    /// <summary>Those that the loss is taken over.</summary>
    public BalancedSampler Sampler { get; init; } = new(256, 0.5);

    /// <summary>The best of each map that compete, in training and in use.</summary>
    public (int Training, int Use) Candidates { get; init; } = (2000, 1000);

    /// <summary>The best of an image that stay, in training and in use.</summary>
    public (int Training, int Use) Proposals { get; init; } = (2000, 1000);

    /// <summary>Of two on one map that overlap more the worse one goes.</summary>
    public double Overlap { get; init; } = 0.7;

    /// <summary>Where the loss of a code turns from square to linear.</summary>
    public double Beta { get; init; } = 1.0 / 9;

    /// <summary>Detectron2's of Faster R-CNN C4: one map has all anchors, so that more compete; the loss of codes is linear.</summary>
    public static ProposalSettings C4 { get; } = new() { Candidates = (12000, 6000), Beta = 0 };
}
