using DataSsl.Dense.Boxes;
using DataSsl.Dense.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// FCOS: every position of a pyramid says what it lies in and how far the edges are (Tian et al. 2019). One stage and no anchors: the light
/// detector.
/// </summary>
/// <remarks>
/// Settings and keys are torchvision's of fcos_resnet50_fpn, but for the first distances, which are not 0; its layers have a channel a
/// class, and none for the background.
/// </remarks>
public sealed class Fcos : Detector
{
    private readonly PyramidNetwork backbone;
    private readonly Head head;
    private readonly FcosSettings settings;

    /// <param name="backbone">From here on it is this one's.</param>
    /// <param name="classes">Without the background.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="width">Channels of the pyramid and the head: a multiple of the groups of its norm.</param>
    public Fcos(Backbone backbone, int classes, long seed, long width = 256, FcosSettings? settings = null) : base(nameof(Fcos))
    {
        this.settings = settings ?? new();
        this.backbone = new(backbone, first: 3, width, PyramidTop.Convolutions, seed);
        head = new(width, classes, this.settings, seed);
        RegisterComponents();
        Keep();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Losses(PaddedImages images, IReadOnlyList<Target> targets, ulong seed, long step)
    {
        Check(targets, images, masks: false);
        using var scope = NewDisposeScope();
        var maps = backbone.Maps(images.Pixels);
        var (logits, distances, centerness) = head.Of(maps);
        var grid = Places(maps, images.Pixels);
        var places = cat(grid.ToList(), 0);
        var reach = Reach(grid);
        var (classification, box, center, positives) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), 0L);
        for (var i = 0; i < targets.Count; i++)
        {
            var (boxes, labels) = (targets[i].Boxes.to(places.dtype, places.device), targets[i].Labels.to(places.device));
            var matches = Match(boxes, places, reach);
            var positive = BoxAlgebra.Where(matches.ge(0));
            positives += positive.shape[0];
            var own = matches.index_select(0, positive);
            var classes = cat(logits.Select(level => level[i]).ToList(), 0);
            var wanted = zeros_like(classes);
            wanted.index_put_(ones(1, wanted.dtype, wanted.device), positive, labels.index_select(0, own));
            classification.Add(FocalLoss(classes, wanted));
            // What no position stands for has no boxes to select from.
            if (positive.shape[0] == 0) continue;
            var (at, truth) = (places.index_select(0, positive), boxes.index_select(0, own));
            box.Add(
                BoxAlgebra.GeneralizedIouLoss(
                        DistanceCoder.Decode(cat(distances.Select(level => level[i]).ToList(), 0).index_select(0, positive), at), truth)
                    .sum());
            var sides = DistanceCoder.Encode(truth, at);
            center.Add(functional.binary_cross_entropy_with_logits(
                cat(centerness.Select(level => level[i]).ToList(), 0).squeeze(1).index_select(0, positive), Centerness(sides),
                    reduction: Reduction.Sum));
        }
        var count = Math.Max(1, positives);
        return ToOuter(new()
        {
            ["classification"] = Sum(classification) / count,
            ["bbox_regression"] = (box.Count > 0 ? Sum(box)
                : distances.Aggregate(zeros(1, places.dtype, places.device).sum(), (sum, level) => sum + level.sum() * 0)) / count,
            ["bbox_ctrness"] = (center.Count > 0 ? Sum(center)
                : centerness.Aggregate(zeros(1, places.dtype, places.device).sum(), (sum, level) => sum + level.sum() * 0)) / count,
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Detections> Detect(PaddedImages images)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var maps = backbone.Maps(images.Pixels);
        var (logits, distances, centerness) = head.Of(maps);
        var grid = Places(maps, images.Pixels);
        return [.. images.Sizes.Select((size, i) =>
        {
            var levels = grid.Select((places, level) => Best(logits[level][i], distances[level][i], centerness[level][i], places, size))
                .ToList();
            return Levels.Best(
                cat(levels.Select(f => f.Boxes).ToList(), 0), cat(levels.Select(f => f.Scores).ToList(), 0),
                cat(levels.Select(f => f.Labels).ToList(), 0), settings.Overlap, settings.Detections)
                .MoveToOuterDisposeScope();
        })];
    }

    /// <summary>Squares of a position's size about each: [positions, 4] of each map.</summary>
    private static IReadOnlyList<Tensor> Places(Tensor[] maps, Tensor images) =>
        new AnchorGrid([.. maps.Select(map => new double[] { images.shape[2] / map.shape[2] })], [1]).Of(maps, images);

    /// <summary>
    /// How far the farthest edge of a box may be from a position of each map, at least and at most: 4 and 8 times its size; the first and
    /// the last map take what is left (section 3.2).
    /// </summary>
    private static (Tensor Least, Tensor Most) Reach(IReadOnlyList<Tensor> grid)
    {
        var (least, most) = (new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < grid.Count; i++)
        {
            var side = BoxAlgebra.Edge(grid[i], 2) - BoxAlgebra.Edge(grid[i], 0);
            least.Add(i == 0 ? zeros_like(side) : side * 4);
            most.Add(i == grid.Count - 1 ? full_like(side, double.PositiveInfinity) : side * 8);
        }
        return (cat(least, 0), cat(most, 0));
    }

    /// <summary>The box of each position, the smallest of those it stands for; -1 for none. Boxes [M, 4], places [P, 4] -> [P].</summary>
    private Tensor Match(Tensor boxes, Tensor places, (Tensor Least, Tensor Most) reach)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (boxes.shape[0] == 0) return full(places.shape[0], -1L, ScalarType.Int64, places.device).MoveToOuterDisposeScope();
        var (middle, side) = (((places.narrow(1, 0, 2) + places.narrow(1, 2, 2)) / 2).unsqueeze(1),
            (BoxAlgebra.Edge(places, 2) - BoxAlgebra.Edge(places, 0)).unsqueeze(1));
        var boxMiddle = ((boxes.narrow(1, 0, 2) + boxes.narrow(1, 2, 2)) / 2).unsqueeze(0);
        var near = (middle - boxMiddle).abs().amax(2).lt(settings.Radius * side);
        var sides = cat([middle - boxes.narrow(1, 0, 2).unsqueeze(0), boxes.narrow(1, 2, 2).unsqueeze(0) - middle], 2);
        var farthest = sides.amax(2);
        var fits = near & sides.amin(2).gt(0) & farthest.gt(reach.Least.unsqueeze(1)) & farthest.lt(reach.Most.unsqueeze(1));
        // Far larger than any area: the smallest box has the largest value.
        var (value, own) = (fits.to(places.dtype) * (1e8 - BoxAlgebra.Area(boxes).unsqueeze(0))).max(1);
        return own.masked_fill(value.lt(1e-5), -1).MoveToOuterDisposeScope();
    }

    /// <summary>1 in the middle of a box and 0 at an edge (equation 3): [K, 4] -> [K].</summary>
    private static Tensor Centerness(Tensor sides)
    {
        var (across, down) = (stack([sides.select(1, 0), sides.select(1, 2)], 1), stack([sides.select(1, 1), sides.select(1, 3)], 1));
        return (across.amin(1) / across.amax(1) * (down.amin(1) / down.amax(1))).sqrt();
    }

    /// <summary>Cross-entropy in which what is known already counts for little (Lin et al. 2017, RetinaNet, equation 5), summed.</summary>
    private static Tensor FocalLoss(Tensor logits, Tensor wanted)
    {
        const double alpha = 0.25;
        var p = logits.sigmoid();
        var missing = 1 - (p * wanted + (1 - p) * (1 - wanted));
        var loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction: Reduction.None) * missing.square();
        return ((alpha * wanted + (1 - alpha) * (1 - wanted)) * loss).sum();
    }

    private static Tensor Sum(List<Tensor> terms) => stack(terms).sum();

    private Detections Best(Tensor logits, Tensor distances, Tensor centerness, Tensor places, ImageSize size)
    {
        var classes = logits.shape[1];
        var scores = (logits.sigmoid() * centerness.sigmoid()).sqrt().flatten();
        var keep = BoxAlgebra.Where(scores.gt(settings.Score));
        var (values, order) = scores.index_select(0, keep).topk((int)Math.Min(settings.Candidates, keep.shape[0]));
        keep = keep.index_select(0, order);
        var at = keep.div(classes, RoundingMode.floor);
        return new(
            BoxAlgebra.Clip(DistanceCoder.Decode(distances.index_select(0, at), places.index_select(0, at)), size), values,
            keep.remainder(classes));
    }

    /// <summary>Convolutions that all maps share: logits of the classes, and from others distances and centerness.</summary>
    private sealed class Head : Part
    {
        private readonly Classification classification_head;
        private readonly Regression regression_head;

        public Head(long width, int classes, FcosSettings settings, long seed) : base(nameof(Head))
        {
            using var initial = new Initial(seed, "fcos");
            (classification_head, regression_head) = (new(width, classes, settings, initial), new(width, settings, initial));
            RegisterComponents();
        }

        /// <summary>Of each map [N, C, H, W]: [N, H * W, classes], [N, H * W, 4], [N, H * W, 1].</summary>
        public (List<Tensor> Logits, List<Tensor> Distances, List<Tensor> Centerness) Of(Tensor[] maps)
        {
            var (logits, distances, centerness) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
            foreach (var map in maps)
            {
                logits.Add(classification_head.Of(map));
                var (distance, center) = regression_head.Of(map);
                distances.Add(distance);
                centerness.Add(center);
            }
            return (logits, distances, centerness);
        }
    }

    private static Sequential Tower(long width, FcosSettings settings, Initial initial) => Sequential(
        Enumerable.Range(0, settings.Depth)
            .SelectMany(
                _ =>
                    new Module<Tensor, Tensor>[]
                    {
                        initial.Normal(Conv2d(width, width, 3, padding: 1), 0.01),
                        Initial.One(GroupNorm(settings.Groups, width)),
                        ReLU(),
                    })
            .ToArray());

    private sealed class Classification : Part
    {
        private readonly Sequential conv;
        private readonly Conv2d cls_logits;
        private readonly int classes;

        public Classification(long width, int classes, FcosSettings settings, Initial initial) : base(nameof(Classification))
        {
            this.classes = classes;
            conv = Tower(width, settings, initial);
            // At first everything is the background with so much certainty; else its many positions would drown the rest.
            cls_logits = initial.Normal(Conv2d(width, classes, 3, padding: 1), 0.01, bias: -Math.Log((1 - 0.01) / 0.01));
            RegisterComponents();
        }

        public Tensor Of(Tensor map) => Levels.Rows(cls_logits.call(conv.call(map)), classes);
    }

    private sealed class Regression : Part
    {
        /// <summary>
        /// Of an edge at first, in sizes of a position: between those of the boxes that a map is for. From 0, the ReLU that distances pass
        /// is shut for good wherever a first step leads below it, and boxes then lack a side in some runs and not in others.
        /// </summary>
        private const double FirstDistance = 2;

        private readonly Sequential conv;
        private readonly Conv2d bbox_reg, bbox_ctrness;

        public Regression(long width, FcosSettings settings, Initial initial) : base(nameof(Regression))
        {
            conv = Tower(width, settings, initial);
            bbox_reg = initial.Normal(Conv2d(width, 4, 3, padding: 1), 0.01, bias: FirstDistance);
            bbox_ctrness = initial.Normal(Conv2d(width, 1, 3, padding: 1), 0.01);
            RegisterComponents();
        }

        public (Tensor Distances, Tensor Centerness) Of(Tensor map)
        {
            var x = conv.call(map);
            return (Levels.Rows(bbox_reg.call(x).relu(), 4), Levels.Rows(bbox_ctrness.call(x), 1));
        }
    }
}
