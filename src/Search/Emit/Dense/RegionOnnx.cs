using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>Faster R-CNN as ONNX operators, RoiAlign and NonMaxSuppression among them.</summary>
internal sealed class RegionOnnx(OnnxGraph graph, DenseSpec spec, RegionSpec head, IReadOnlyDictionary<string, Tensor> state)
    : DetectorOnnx(graph, spec, head.Most, state)
{
    private const string Predictor = "roi_heads.box_predictor.";

    protected override (string Boxes, string Scores, string Labels) Found(string images)
    {
        var (features, regions) = head.Pyramid is null ? OfC4(images) : OfPyramid(images);
        var classes = head.Classes.Count;
        var logits = Maps.Linear(Predictor + "cls_score", features);
        var codes = Apply("Reshape", Maps.Linear(Predictor + "bbox_pred", features), Graph.Integers(-1, classes + 1, 4));
        // The first class is the background.
        long[] own = [.. Enumerable.Range(1, classes)];
        var scores = Of(Apply("Softmax", [logits], ("axis", -1L)), own);
        codes = Apply("Gather", [codes, Graph.Integers(own)], ("axis", 1L));
        var boxes = Decode(codes, Unsqueezed(regions, 1), head.Boxes);
        scores = OfSome(scores, boxes, head.Boxes);
        // A class's boxes are its own: the operator takes classes for images of one class each.
        var (all, table) = (Apply("Transpose", [boxes], ("perm", new long[] { 1, 0, 2 })),
            Unsqueezed(Apply("Transpose", [scores], ("perm", new long[] { 1, 0 })), 1));
        var kept = Suppressed(all, table, head.Most, head.Overlap, head.Score);
        return (Apply("GatherND", all, Of(kept, 0, 2)), Apply("GatherND", table, kept), Column(kept, 0));
    }

    private (string Features, string Regions) OfPyramid(string images)
    {
        var maps = Pyramid(Backbone(images));
        var six = Apply("MaxPool", [maps[^1]], ("kernel_shape", new long[] { 1, 1 }), ("strides", new long[] { 2, 2 }));
        int[] sides = [.. Spec.Sides, Halved(Spec.Sides[3])];
        var (pooled, regions) = Pooled(maps, Proposals([.. maps, six], sides));
        var hidden = Maps.Relu(Maps.Linear("roi_heads.box_head.fc6", Apply("Flatten", pooled)));
        return (Maps.Relu(Maps.Linear("roi_heads.box_head.fc7", hidden)), regions);
    }

    private (string Features, string Regions) OfC4(string images)
    {
        var regions = "";
        var c5 = Backbone(images, (place, map) =>
        {
            if (place != 2) return map;
            // One region more, which is nothing: ONNX Runtime 1.31 has no convolutions of no images.
            var proposals = Apply(
                "Concat", [Proposals([map], [Spec.Sides[2]]), Graph.Weight(Maps.Next("none"), zeros(1, 4))], ("axis", 0L));
            (var pooled, regions) = Pooled([map], proposals);
            return pooled;
        })[3];
        var norm = Maps.BatchNorm("roi_heads.box_head.norm", c5, SlicedBatchNorm2d.Epsilon);
        return (Apply("ReduceMean", [norm], ("axes", new long[] { 2, 3 }), ("keepdims", 0L)), regions);
    }

    /// <summary>The best proposals of maps of so many positions a side: [K, 4].</summary>
    private string Proposals(string[] maps, int[] sides)
    {
        var (boxes, scores) = (new List<string>(), new List<string>());
        for (var i = 0; i < maps.Length; i++)
        {
            var hidden = Maps.Relu(Maps.Convolution("rpn.head.conv.0.0", maps[i]));
            var (logits, codes, anchors) = (Rows(Maps.Convolution("rpn.head.cls_logits", hidden), 1),
                Rows(Maps.Convolution("rpn.head.bbox_pred", hidden), 4), Graph.Weight(Maps.Next("anchors"), Anchors(i, sides[i])));
            var flat = Apply("Reshape", logits, Graph.Integers(-1));
            var count = sides[i] * sides[i] * head.Anchors[i].Length / 4;
            if (count > head.Candidates)
            {
                var (_, places) = Graph.ApplyTwo(
                    Maps.Next("best"), Maps.Next("places"), "TopK", [flat, Graph.Integers(head.Candidates)], ("axis", 0L));
                (flat, codes, anchors) = (At(flat, places), At(codes, places), At(anchors, places));
            }
            var of = Decode(codes, anchors, head.ProposalBoxes);
            var sure = Apply(
                "Reshape", OfSome(Unsqueezed(Sigmoid(flat), 1), Unsqueezed(of, 1), head.ProposalBoxes), Graph.Integers(-1));
            var kept = Suppressed(
                Unsqueezed(of), Unsqueezed(Unsqueezed(sure)), Math.Min(head.Proposals, head.Candidates), head.ProposalOverlap, 0);
            boxes.Add(At(of, Column(kept, 2)));
            scores.Add(At(sure, Column(kept, 2)));
        }
        var all = Apply("Concat", [.. scores], ("axis", 0L));
        var most = Apply("Min", Graph.Integers(head.Proposals), Apply("Shape", all));
        var (_, order) = Graph.ApplyTwo(Maps.Next("best"), Maps.Next("order"), "TopK", [all, most], ("axis", 0L));
        return At(Apply("Concat", [.. boxes], ("axis", 0L)), order);
    }

    /// <summary>What lies under regions, and these in the order of that: map after map.</summary>
    private (string Pooled, string Regions) Pooled(string[] maps, string regions)
    {
        var (pooled, taken) = (new List<string>(), new List<string>());
        var (scales, limits) = (RegionClass.Scales(Spec, head), RegionClass.Sides(Spec, head));
        var sides = Apply("Sub", Of(regions, 2, 3), Of(regions, 0, 1));
        var side = Apply("Sqrt", Apply("Mul", Column(sides, 0), Column(sides, 1)));
        for (var i = 0; i < maps.Length; i++)
        {
            List<string> conditions = [Apply("GreaterOrEqual", side, Graph.Number(i == 0 ? 0 : limits[i - 1]))];
            if (i < limits.Length) conditions.Add(Apply("Less", side, Graph.Number(limits[i])));
            var here = conditions.Count == 1 ? conditions[0] : Apply("And", [.. conditions]);
            var places = Apply("Reshape", Apply("NonZero", here), Graph.Integers(-1));
            var own = At(regions, places);
            // All are of image 0.
            var image = Apply("Sub", places, places);
            pooled.Add(
                Apply(
                    "RoiAlign", [maps[i], own, image], ("mode", "avg"), ("output_height", (long)head.Bins),
                    ("output_width", (long)head.Bins), ("sampling_ratio", (long)head.Samples),
                    ("spatial_scale", scales[i]),
                    ("coordinate_transformation_mode", head.Aligned ? "half_pixel" : "output_half_pixel")));
            taken.Add(own);
        }
        return (Apply("Concat", [.. pooled], ("axis", 0L)), Apply("Concat", [.. taken], ("axis", 0L)));
    }

    /// <summary>
    /// Boxes of codes [..., 4] about references [..., 4] (Girshick et al. 2014, R-CNN, appendix C), cut at the image's edges.
    /// </summary>
    private string Decode(string codes, string references, BoxRule rule)
    {
        var (first, last) = (Of(references, 0, 1), Of(references, 2, 3));
        var sides = Apply("Sub", last, first);
        var middles = Apply("Add", first, Half(sides));
        var moved = Apply("Add", Apply("Mul", Apply("Div", Of(codes, 0, 1), Graph.Number((float)rule.Center)), sides), middles);
        var grown = Apply(
            "Min", Apply("Div", Of(codes, 2, 3), Graph.Number((float)rule.Size)), Graph.Number((float)rule.Largest));
        var reach = Half(Apply("Mul", Apply("Exp", grown), sides));
        return Clip(Apply("Concat", [Apply("Sub", moved, reach), Apply("Add", moved, reach)], ("axis", -1L)));

        string Half(string x) => Apply("Mul", x, Graph.Number(0.5f));
    }

    /// <summary>Scores [...] of boxes [..., 4], of those with a shorter side 0, which nothing may have.</summary>
    private string OfSome(string scores, string boxes, BoxRule rule)
    {
        // No ReduceMin: of no boxes at all ONNX Runtime 1.31 gives it another shape.
        var sides = Apply("Sub", Of(boxes, 2, 3), Of(boxes, 0, 1));
        var shorter = Apply("Min", Column(sides, 0), Column(sides, 1));
        return Apply("Where", Apply("GreaterOrEqual", shorter, Graph.Number((float)rule.SmallestSide)), scores, Graph.Number(0));
    }

    /// <summary>Rows of image, class and box.</summary>
    private string Suppressed(string boxes, string scores, int most, double overlap, double score) => Apply(
        "NonMaxSuppression", boxes, scores, Graph.Integers(most), Graph.Number((float)overlap), Graph.Number((float)score));

    private string At(string rows, string places) => Apply("Gather", [rows, places], ("axis", 0L));

    /// <summary>Of all positions of a map: [H * W * A, 4].</summary>
    private Tensor Anchors(int map, int side)
    {
        var (edges, step) = (head.Anchors[map], Spec.Network.Size / side);
        var all = new float[side * side * edges.Length];
        for (var i = 0; i < all.Length; i++)
        {
            var (place, edge) = (i / edges.Length, i % edges.Length);
            all[i] = (edge % 2 == 0 ? place % side : place / side) * step + edges[edge];
        }
        return tensor(all, [all.Length / 4, 4]);
    }
}
