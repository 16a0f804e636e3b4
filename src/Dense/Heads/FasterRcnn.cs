using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>
/// Faster R-CNN on a feature pyramid (Lin et al. 2017, Feature Pyramid Networks, section 4) or, with masks, Mask R-CNN (He et al. 2017).
/// </summary>
/// <remarks>
/// Settings and keys are torchvision's of fasterrcnn_resnet50_fpn and maskrcnn_resnet50_fpn, where the class 0 is the background: a layer's
/// class is one more than a label.
/// </remarks>
public sealed class FasterRcnn : Detector
{
    /// <summary>Of P2 to P6: one size each from 32 to 512, as torchvision has them.</summary>
    public static AnchorGrid Anchors { get; } = new([[32], [64], [128], [256], [512]], [0.5, 1, 2]);

    private readonly PyramidNetwork backbone;
    private readonly ProposalNetwork rpn;
    private readonly RegionHeads roi_heads;

    /// <param name="backbone">From here on it is this one's.</param>
    /// <param name="classes">Without the background.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="masks">For Mask R-CNN; null for boxes alone.</param>
    /// <param name="width">Channels of the pyramid.</param>
    /// <param name="representation">Width of the box head.</param>
    /// <param name="anchors">Of P2 to P6; null for <see cref="Anchors"/>.</param>
    public FasterRcnn(
        Backbone backbone, int classes, long seed, MaskSettings? masks = null, long width = 256, long representation = 1024,
        AnchorGrid? anchors = null, ProposalSettings? proposals = null,
        RegionSettings? regions = null) : base(nameof(FasterRcnn))
    {
        this.backbone = new(backbone, first: 2, width, PyramidTop.Pool, seed);
        rpn = new(width, anchors ?? Anchors, proposals ?? new(), seed);
        regions ??= new();
        roi_heads = new(
            new TwoLayers(width * regions.Pool.Height * regions.Pool.Width, representation, seed), representation, width, classes, regions,
            masks, seed);
        HasMasks = masks is not null;
        RegisterComponents();
        Keep();
    }

    /// <summary>Whether it is a Mask R-CNN.</summary>
    public bool HasMasks { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Losses(PaddedImages images, IReadOnlyList<Target> targets, ulong seed, long step)
    {
        Check(targets, images, HasMasks);
        using var scope = NewDisposeScope();
        var (maps, pooled, scales) = Pyramid(images);
        var (proposals, losses) = rpn.Propose(maps, images, targets, seed, step);
        foreach (var (name, loss) in roi_heads.Losses(pooled, scales, proposals, targets, seed, step)) losses.Add(name, loss);
        return ToOuter(losses);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Detections> Detect(PaddedImages images)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (maps, pooled, scales) = Pyramid(images);
        var (proposals, _) = rpn.Propose(maps, images, targets: null, seed: 0, step: 0);
        return [.. roi_heads.Detect(pooled, scales, proposals, images.Sizes).Select(found => found.MoveToOuterDisposeScope())];
    }

    /// <summary>All maps, and those that regions are pooled from: the topmost has anchors alone.</summary>
    private (Tensor[] Maps, Tensor[] Pooled, double[] Scales) Pyramid(PaddedImages images)
    {
        var maps = backbone.Maps(images.Pixels);
        return (maps, maps[..^1], Array.ConvertAll(maps[..^1], map => RoIAlign.ScaleOf(map, images.Pixels)));
    }
}
