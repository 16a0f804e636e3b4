using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using DataSsl.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>Proposes boxes of whatever is no background (Ren et al. 2015, Faster R-CNN, section 3.1).</summary>
/// <remarks>Keys are those of torchvision's RegionProposalNetwork.</remarks>
internal sealed class ProposalNetwork : Part
{
    private readonly Head head;
    private readonly AnchorGrid anchors;
    private readonly ProposalSettings settings;

    public ProposalNetwork(long channels, AnchorGrid anchors, ProposalSettings settings, long seed) : base(nameof(ProposalNetwork))
    {
        (this.anchors, this.settings) = (anchors, settings);
        head = new(channels, anchors.PerPosition, seed);
        RegisterComponents();
    }

    /// <summary>The proposals of each image [K, 4], which take part in no gradient, and in training the losses.</summary>
    /// <param name="maps">Each [N, C, H, W].</param>
    /// <param name="targets">Null in use.</param>
    public (IReadOnlyList<Tensor> Proposals, Dictionary<string, Tensor> Losses) Propose(
        IReadOnlyList<Tensor> maps, PaddedImages images, IReadOnlyList<Target>? targets, ulong seed, long step)
    {
        using var scope = NewDisposeScope();
        var (logits, codes) = head.Of(maps);
        var grid = anchors.Of(maps, images.Pixels);
        var all = cat(grid.ToList(), 0);
        var (scores, shifts) = (cat(logits, 1).squeeze(-1), cat(codes, 1));
        IReadOnlyList<Tensor> proposals;
        using (no_grad())
            proposals =
            [
                .. images.Sizes.Select(
                    (size, i) =>
                        Best(
                            scores[i].detach(), shifts[i].detach(), all, size, [.. grid.Select(level => level.shape[0])],
                            training: targets is not null)),
            ];
        foreach (var each in proposals) each.MoveToOuterDisposeScope();
        var losses = targets is null ? [] : Losses(scores, shifts, all, targets, seed, step);
        foreach (var loss in losses.Values) loss.MoveToOuterDisposeScope();
        return (proposals, losses);
    }

    private Tensor Best(Tensor scores, Tensor codes, Tensor all, ImageSize size, long[] counts, bool training)
    {
        using var scope = NewDisposeScope();
        var (candidates, proposals) = training
            ? (settings.Candidates.Training, settings.Proposals.Training)
            : (settings.Candidates.Use, settings.Proposals.Use);
        var (chosen, levels, start) = (new List<Tensor>(), new List<Tensor>(), 0L);
        for (var level = 0; level < counts.Length; level++)
        {
            var best = scores.narrow(0, start, counts[level]).topk((int)Math.Min(candidates, counts[level])).indexes + start;
            chosen.Add(best);
            levels.Add(full_like(best, level));
            start += counts[level];
        }
        var places = cat(chosen, 0);
        var boxes = BoxAlgebra.Clip(
            ProposalSettings.Coder.Decode(codes.index_select(0, places).unsqueeze(1), all.index_select(0, places)).squeeze(1), size);
        var large = BoxAlgebra.AtLeast(boxes, ProposalSettings.SmallestSide);
        return Levels.Best(
            boxes.index_select(0, large), scores.index_select(0, places).index_select(0, large).sigmoid(),
            cat(levels, 0).index_select(0, large), settings.Overlap, proposals)
            .Boxes.MoveToOuterDisposeScope();
    }

    private Dictionary<string, Tensor> Losses(Tensor scores, Tensor codes, Tensor all, IReadOnlyList<Target> targets, ulong seed, long step)
    {
        var (chosen, labels, positiveCodes, wanted) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < targets.Count; i++)
        {
            var boxes = targets[i].Boxes.to(all.dtype, all.device);
            var matches = boxes.shape[0] == 0
                ? full(all.shape[0], Matcher.Background, ScalarType.Int64, all.device)
                : settings.Matcher.Match(BoxAlgebra.Iou(boxes, all));
            // 1 a box, 0 the background, -1 neither.
            var kinds = where(matches.ge(0), 1, where(matches.eq(Matcher.Background), 0, -1));
            var (positive, negative) = settings.Sampler.Draw(kinds, CounterRandom.For(seed, "anchors of the loss", step, i));
            chosen.Add(scores[i].index_select(0, cat([positive, negative], 0)));
            labels.Add(cat([ones_like(positive), zeros_like(negative)], 0));
            positiveCodes.Add(codes[i].index_select(0, positive));
            wanted.Add(positive.shape[0] == 0 ? zeros([0, 4], all.dtype, all.device)
                : ProposalSettings.Coder.Encode(boxes.index_select(0, matches.index_select(0, positive)), all.index_select(0, positive)));
        }
        var logits = cat(chosen, 0);
        return new()
        {
            ["loss_objectness"] = functional.binary_cross_entropy_with_logits(logits, cat(labels, 0).to(logits.dtype)),
            ["loss_rpn_box_reg"] = Levels.CodeLoss(cat(positiveCodes, 0), cat(wanted, 0), settings.Beta) / logits.shape[0],
        };
    }

    /// <summary>A convolution that all maps share, and from it a logit and a code for each anchor.</summary>
    private sealed class Head : Part
    {
        private readonly Sequential conv;
        private readonly Conv2d cls_logits, bbox_pred;

        public Head(long channels, int anchors, long seed) : base(nameof(Head))
        {
            using var initial = new Initial(seed, "proposal network");
            conv = Sequential(("0", Sequential(("0", initial.Normal(Conv2d(channels, channels, 3, padding: 1), 0.01)), ("1", ReLU()))));
            cls_logits = initial.Normal(Conv2d(channels, anchors, 1), 0.01);
            bbox_pred = initial.Normal(Conv2d(channels, 4 * anchors, 1), 0.01);
            RegisterComponents();
        }

        public (List<Tensor> Logits, List<Tensor> Codes) Of(IReadOnlyList<Tensor> maps)
        {
            var (logits, codes) = (new List<Tensor>(), new List<Tensor>());
            foreach (var map in maps)
            {
                var x = conv.call(map);
                logits.Add(Levels.Rows(cls_logits.call(x), 1));
                codes.Add(Levels.Rows(bbox_pred.call(x), 4));
            }
            return (logits, codes);
        }
    }
}
