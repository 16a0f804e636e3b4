using DataSsl.Dense.Data;
using DataSsl.Runtime;

namespace DataSsl.Dense.Training;

/// <summary>All that a dense network is made from but its backbone, and how images come to it.</summary>
/// <remarks>Smaller than torchvision's by default: two processors train it on a few hundred images while one waits.</remarks>
public sealed record DenseSettings
{
    private static readonly JointAugmentation s_usual = new();

    /// <summary>What it tells of an image.</summary>
    public required DenseTask Task { get; init; }

    /// <summary>What stands on the backbone.</summary>
    public required DenseHead Head { get; init; }

    /// <summary>The classes by their numbers, without background and void.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Pixels of an image's short side, unless the long one would be longer than <see cref="MaxSize"/>.</summary>
    public required int MinSize { get; init; }

    /// <summary>Pixels of the long side, at most.</summary>
    public required int MaxSize { get; init; }

    /// <summary>Channels of the feature pyramid and of what stands on it; of no matter to heads without a pyramid.</summary>
    public int Width { get; init; } = 128;

    /// <summary>FCOS: convolutions before the logits, and before the boxes.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>Faster R-CNN on a pyramid: width of the box head.</summary>
    public int Representation { get; init; } = 512;

    /// <summary>FCN: maps before C5 that have scores too.</summary>
    public int Finer { get; init; } = 2;

    /// <summary>Detections above this score are told.</summary>
    public double Score { get; init; } = 0.05;

    /// <summary>Of each channel, subtracted from values in [0, 1].</summary>
    public IReadOnlyList<double> Mean { get; init; } = [.. s_usual.Mean.Values];

    /// <summary>Of each channel, divides after that.</summary>
    public IReadOnlyList<double> Std { get; init; } = [.. s_usual.Std.Values];

    /// <summary>The limits of these numbers.</summary>
    public static (Bounds<int> Size, Bounds<int> Width, Bounds<int> Depth) Limits { get; } =
        (new(32, 8192), new(32, 4096), new(1, 64));

    /// <summary>The first thing in it that cannot be; null for none.</summary>
    public string? Problem() =>
        !DenseHeads.Of(Task).Contains(Head) ? $"{Head.Word()} is no head for {Task}"
        : Classes.Count is 0 or > 255 || Classes.Any(string.IsNullOrEmpty) ? "classes: give 1 to 255 names"
        : MaxSize < MinSize ? "the long side is shorter than the short one"
        : Mean.Count != 3 || Std.Count != 3 || Mean.Concat(Std).Any(value => !double.IsFinite(value)) || Std.Any(value => value <= 0)
            ? "mean and std: give a number of each channel"
        : Head is DenseHead.Fcos && Width % Groups != 0 ? $"width {Width}: give a multiple of {Groups} for fcos"
        : Representation is < 1 or > 65536 || Finer is < 0 or > 3 || Score is not (>= 0 and < 1) ? "a number that no head has"
        : Limits.Size.Problem("size", MinSize) ?? Limits.Size.Problem("size", MaxSize) ?? Limits.Width.Problem("width", Width)
            ?? Limits.Depth.Problem("depth", Depth);

    /// <summary>How images come to it, with nothing random.</summary>
    public JointAugmentation Images() => new JointAugmentation
    {
        MinSize = MinSize,
        MaxSize = MaxSize,
        Mean = new(Mean[0], Mean[1], Mean[2]),
        Std = new(Std[0], Std[1], Std[2]),
    }.Still();

    /// <summary>Groups of FCOS's norms.</summary>
    internal const int Groups = 32;
}
