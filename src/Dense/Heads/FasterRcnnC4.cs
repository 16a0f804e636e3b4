using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// Faster R-CNN on C4, with the stages from C4 to C5 as its box head (Ren et al. 2015, with the network of He et al. 2016): the detector
/// that DATA transfers to on Pascal VOC.
/// </summary>
/// <remarks>
/// Settings are Detectron2's of Base-RCNN-C4: anchors of five sizes, not rounded; aligned pooling with as many samples as a bin has
/// positions. Layers are as torchvision's, the background being class 0; the losses of the proposal network are means over the drawn
/// anchors, of which Detectron2 takes the number asked for.
/// </remarks>
public sealed class FasterRcnnC4 : Detector
{
    /// <summary>Of C4: five sizes from 32 to 512, as Detectron2 has them.</summary>
    public static AnchorGrid Anchors { get; } = new([[32, 64, 128, 256, 512]], [0.5, 1, 2], Rounded: false);

    private readonly Backbone backbone;
    private readonly ProposalNetwork rpn;
    private readonly RegionHeads roi_heads;

    /// <param name="backbone">From here on it is this one's.</param>
    /// <param name="classes">Without the background.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="norm">Another BatchNorm after C5, as MoCo's and DenseCL's transfer has it: of unscaled features the box head would not
    /// learn.</param>
    /// <param name="anchors">Null for <see cref="Anchors"/>.</param>
    public FasterRcnnC4(
        Backbone backbone, int classes, long seed, bool norm = true, AnchorGrid? anchors = null, ProposalSettings? proposals = null,
        RegionSettings? regions = null)
            : base(nameof(FasterRcnnC4))
    {
        this.backbone = backbone;
        var (c4, c5) = (backbone.Channels[2], backbone.Channels[3]);
        rpn = new(c4, anchors ?? Anchors, proposals ?? ProposalSettings.C4, seed);
        roi_heads = new(new LastStages(backbone, norm), c5, c4, classes, regions ?? RegionSettings.C4, masks: null, seed);
        RegisterComponents();
        Keep();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Losses(PaddedImages images, IReadOnlyList<Target> targets, ulong seed, long step)
    {
        Check(targets, images, masks: false);
        using var scope = NewDisposeScope();
        var map = backbone.C4(images.Pixels);
        var (proposals, losses) = rpn.Propose([map], images, targets, seed, step);
        foreach (var (name, loss) in roi_heads.Losses([map], [RoIAlign.ScaleOf(map, images.Pixels)], proposals, targets, seed, step))
            losses.Add(name, loss);
        return ToOuter(losses);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Detections> Detect(PaddedImages images)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var map = backbone.C4(images.Pixels);
        var (proposals, _) = rpn.Propose([map], images, targets: null, seed: 0, step: 0);
        return
        [
            .. roi_heads.Detect([map], [RoIAlign.ScaleOf(map, images.Pixels)], proposals, images.Sizes)
                .Select(found => found.MoveToOuterDisposeScope()),
        ];
    }

    /// <summary>C5 of what is pooled, and its mean: [K, C, S, S] -> [K, C'].</summary>
    private sealed class LastStages : Module<Tensor, Tensor>
    {
        private readonly BatchNorm2d? norm;
        private readonly Func<Tensor, Tensor> stages;

        /// <summary>The backbone's modules stay its own: they are not registered a second time.</summary>
        public LastStages(Backbone backbone, bool norm) : base(nameof(LastStages))
        {
            stages = backbone.C5;
            if (norm) this.norm = Initial.One(BatchNorm2d(backbone.Channels[3]));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var c5 = stages(x);
            return (norm is null ? c5 : norm.call(c5)).mean([2, 3]).MoveToOuterDisposeScope();
        }
    }
}
