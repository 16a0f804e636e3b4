using DataSsl.Dense.Boxes;

namespace DataSsl.Dense.Heads;

/// <summary>The mask head of Mask R-CNN; defaults are torchvision's.</summary>
public sealed record MaskSettings
{
    /// <summary>What it sees of a detection; masks have twice the size.</summary>
    public RoIAlign Pool { get; init; } = new(14, 2);

    /// <summary>Channels of its four convolutions.</summary>
    public long Width { get; init; } = 256;
}
