using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using DataSsl.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// From proposals to classes, boxes and masks (Girshick 2015, Fast R-CNN, section 2; He et al. 2017, Mask R-CNN, section 3).
/// </summary>
/// <remarks>Keys are those of torchvision's RoIHeads; there class 0 is the background, so labels are one more here within.</remarks>
internal sealed class RegionHeads : Part
{
    private readonly BoxPredictor box_predictor;
    private readonly Module<Tensor, Tensor> box_head;
    private readonly MaskHead? mask_head;
    private readonly MaskPredictor? mask_predictor;
    private readonly RegionSettings settings;
    private readonly MaskSettings? masks;

    /// <param name="head">From what is pooled of a proposal to a vector: [K, C, S, S] -> [K, D].</param>
    /// <param name="representation">D.</param>
    /// <param name="channels">Of the maps.</param>
    /// <param name="masks">Null for none.</param>
    public RegionHeads(
        Module<Tensor, Tensor> head, long representation, long channels, int classes, RegionSettings settings, MaskSettings? masks,
        long seed)
        : base(nameof(RegionHeads))
    {
        (box_head, this.settings, this.masks) = (head, settings, masks);
        using var initial = new Initial(seed, "region heads");
        box_predictor = new(representation, classes + 1, initial);
        if (masks is not null) (mask_head, mask_predictor) = (new(channels, masks.Width, initial), new(masks.Width, classes + 1, initial));
        RegisterComponents();
    }

    /// <summary>The losses of proposals [K, 4] of each image, the true boxes added to them.</summary>
    public Dictionary<string, Tensor> Losses(
        IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, IReadOnlyList<Tensor> proposals, IReadOnlyList<Target> targets,
        ulong seed, long step)
    {
        using var scope = NewDisposeScope();
        var samples = targets.Select((target, i) => Draw(proposals[i], target, CounterRandom.For(seed, "proposals of the loss", step, i)))
            .ToList();
        var (logits, codes) = box_predictor.Of(box_head.call(settings.Pool.Of(maps, scales, [.. samples.Select(s => s.Boxes)])));
        var labels = cat(samples.Select(s => s.Labels).ToList(), 0);
        var positive = BoxAlgebra.Where(labels.gt(0));
        // A class has codes of its own.
        var own = codes.index_select(0, positive).gather(1, labels.index_select(0, positive).reshape(-1, 1, 1).expand(-1, 1, 4)).squeeze(1);
        var wanted = RegionSettings.Coder.Encode(
            cat(samples.Select(s => s.TrueBoxes).ToList(), 0).index_select(0, positive),
            cat(samples.Select(s => s.Boxes).ToList(), 0).index_select(0, positive));
        var losses = new Dictionary<string, Tensor>
        {
            ["loss_classifier"] = functional.cross_entropy(logits, labels),
            ["loss_box_reg"] = Levels.CodeLoss(own, wanted, settings.Beta) / labels.shape[0],
        };
        if (masks is not null) losses["loss_mask"] = MaskLoss(maps, scales, samples, targets);
        foreach (var loss in losses.Values) loss.MoveToOuterDisposeScope();
        return losses;
    }

    /// <summary>What is on each image, of its proposals [K, 4].</summary>
    public IReadOnlyList<Detections> Detect(
        IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, IReadOnlyList<Tensor> proposals, IReadOnlyList<ImageSize> sizes)
    {
        using var scope = NewDisposeScope();
        var (logits, codes) = box_predictor.Of(box_head.call(settings.Pool.Of(maps, scales, proposals)));
        var (scores, boxes) = (functional.softmax(logits, -1), RegionSettings.Coder.Decode(codes, cat(proposals.ToList(), 0)));
        var (found, start) = (new List<Detections>(), 0L);
        for (var i = 0; i < sizes.Count; i++)
        {
            var count = proposals[i].shape[0];
            found.Add(Best(scores.narrow(0, start, count), BoxAlgebra.Clip(boxes.narrow(0, start, count), sizes[i])));
            start += count;
        }
        if (masks is not null) found = WithMasks(maps, scales, found);
        return [.. found.Select(f => f.MoveToOuterDisposeScope())];
    }

    private Sample Draw(Tensor proposals, Target target, CounterRandom random)
    {
        var boxes = target.Boxes.to(proposals.dtype, proposals.device);
        var candidates = cat([proposals, boxes], 0);
        if (boxes.shape[0] == 0)
        {
            var (_, some) = settings.Sampler.Draw(zeros(candidates.shape[0], ScalarType.Int64, candidates.device), random);
            return new(
                candidates.index_select(0, some), zeros_like(some), zeros_like(some), zeros([some.shape[0], 4], boxes.dtype, boxes.device));
        }
        var matches = settings.Matcher.Match(BoxAlgebra.Iou(boxes, candidates));
        var own = matches.clamp(min: 0);
        var labels = (target.Labels.to(boxes.device) + 1).index_select(0, own).masked_fill(matches.eq(Matcher.Background), 0)
            .masked_fill(matches.eq(Matcher.Between), -1);
        var (positive, negative) = settings.Sampler.Draw(labels, random);
        // In the order of the candidates, as torchvision has them.
        var drawn = cat([positive, negative], 0).sort().Values;
        own = own.index_select(0, drawn);
        return new(candidates.index_select(0, drawn), labels.index_select(0, drawn), own, boxes.index_select(0, own));
    }

    private Tensor MaskLoss(IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, List<Sample> samples, IReadOnlyList<Target> targets)
    {
        var positive = samples.Select(s => BoxAlgebra.Where(s.Labels.gt(0))).ToList();
        var boxes = samples.Select((s, i) => s.Boxes.index_select(0, positive[i])).ToList();
        var logits = MaskLogits(maps, scales, boxes);
        if (logits.shape[0] == 0) return logits.sum() * 0;
        var labels = cat(samples.Select((s, i) => s.Labels.index_select(0, positive[i])).ToList(), 0);
        // Each box from the mask of its own object: the objects stand for the images of a batch.
        var align = new RoIAlign((int)logits.shape[2], 0);
        var wanted = samples.Select((s, i) => align.Of(
            targets[i].Masks!.to(logits.dtype, logits.device).unsqueeze(1), 1, boxes[i],
            BoxAlgebra.Numbers<long>(s.Objects.index_select(0, positive[i]))))
                .ToList();
        return functional.binary_cross_entropy_with_logits(OfClass(logits, labels), cat(wanted, 0).squeeze(1));
    }

    private List<Detections> WithMasks(IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, List<Detections> found)
    {
        var logits = MaskLogits(maps, scales, [.. found.Select(f => f.Boxes)]);
        var own = OfClass(logits, cat(found.Select(f => f.Labels + 1).ToList(), 0)).sigmoid();
        var start = 0L;
        return [.. found.Select(f =>
        {
            var part = own.narrow(0, start, f.Boxes.shape[0]);
            start += f.Boxes.shape[0];
            return f with { Masks = part.clone() };
        })];
    }

    private Tensor MaskLogits(IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, IReadOnlyList<Tensor> boxes) =>
        mask_predictor!.Of(mask_head!.call(masks!.Pool.Of(maps, scales, boxes)));

    /// <summary>[K, classes, S, S] and [K] -> [K, S, S].</summary>
    private static Tensor OfClass(Tensor logits, Tensor labels) =>
        logits.gather(1, labels.reshape(-1, 1, 1, 1).expand(-1, 1, logits.shape[2], logits.shape[3])).squeeze(1);

    /// <param name="scores">[K, classes + 1].</param>
    /// <param name="boxes">[K, classes + 1, 4].</param>
    private Detections Best(Tensor scores, Tensor boxes)
    {
        var classes = scores.shape[1] - 1;
        var (flat, all) = (scores.narrow(1, 1, classes).reshape(-1), boxes.narrow(1, 1, classes).reshape(-1, 4));
        var keep = BoxAlgebra.Where(flat.gt(settings.Score));
        keep = keep.index_select(0, BoxAlgebra.AtLeast(all.index_select(0, keep), RegionSettings.SmallestSide));
        return Levels.Best(
            all.index_select(0, keep), flat.index_select(0, keep), keep.remainder(classes), settings.Overlap, settings.Detections);
    }

    /// <param name="Labels">One more than a class; 0 for the background.</param>
    /// <param name="Objects">The target that each stands for; without meaning for the background.</param>
    /// <param name="TrueBoxes">Of those.</param>
    private sealed record Sample(Tensor Boxes, Tensor Labels, Tensor Objects, Tensor TrueBoxes);

    private sealed class BoxPredictor : Part
    {
        private readonly Linear cls_score, bbox_pred;

        public BoxPredictor(long inputs, int classes, Initial initial) : base(nameof(BoxPredictor))
        {
            (cls_score, bbox_pred) = (initial.Uniform(Linear(inputs, classes)), initial.Uniform(Linear(inputs, 4 * classes)));
            RegisterComponents();
        }

        /// <summary>[K, D] -> logits [K, classes] and codes [K, classes, 4].</summary>
        public (Tensor Logits, Tensor Codes) Of(Tensor x)
        {
            var logits = cls_score.call(x);
            return (logits, bbox_pred.call(x).reshape(x.shape[0], logits.shape[1], 4));
        }
    }

    private sealed class MaskPredictor : Part
    {
        private readonly ConvTranspose2d conv5_mask;
        private readonly Conv2d mask_fcn_logits;

        public MaskPredictor(long width, int classes, Initial initial) : base(nameof(MaskPredictor))
        {
            (conv5_mask, mask_fcn_logits) = (initial.KaimingOut(ConvTranspose2d(width, width, 2, 2)),
                initial.KaimingOut(Conv2d(width, classes, 1)));
            RegisterComponents();
        }

        /// <summary>[K, C, S, S] -> [K, classes, 2 S, 2 S].</summary>
        public Tensor Of(Tensor x) => mask_fcn_logits.call(conv5_mask.call(x).relu());
    }
}
