using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>FCOS as ONNX operators.</summary>
internal sealed class FcosOnnx(OnnxGraph graph, DenseSpec spec, FcosSpec head, IReadOnlyDictionary<string, Tensor> state)
    : DetectorOnnx(graph, spec, head.Most, state)
{
    protected override (string Boxes, string Scores, string Labels) Found(string images)
    {
        var classes = head.Classes.Count;
        var (scores, boxes) = (new List<string>(), new List<string>());
        foreach (var (map, across) in Levels(images).Zip(Sides()))
        {
            var hidden = Tower("head.regression_head", map);
            var center = Maps.Convolution("head.regression_head.bbox_ctrness", hidden);
            var logits = Maps.Convolution("head.classification_head.cls_logits", Tower("head.classification_head", map));
            var level = Apply("Sqrt", Apply("Mul", Sigmoid(logits), Sigmoid(center)));
            scores.Add(Best(Rows(level, classes), across * across * classes, classes));
            boxes.Add(Decode(Rows(Maps.Relu(Maps.Convolution("head.regression_head.bbox_reg", hidden)), 4), across));
        }
        var all = Apply("Concat", [.. boxes], ("axis", 0L));
        // [1, classes, positions], as the operator wants them.
        var every = Apply("Concat", [.. scores], ("axis", 0L));
        var table = Unsqueezed(Apply("Transpose", [every], ("perm", new long[] { 1, 0 })));
        var kept = Apply(
            "NonMaxSuppression", Unsqueezed(all), table, Graph.Integers(head.Most), Graph.Number((float)head.Overlap),
            Graph.Number((float)head.Score));
        // Rows of image, class and position.
        return (Apply("Gather", [all, Column(kept, 2)], ("axis", 0L)), Apply("GatherND", table, kept), Column(kept, 1));
    }

    /// <summary>P3 to P7.</summary>
    private IEnumerable<string> Levels(string images)
    {
        var levels = Pyramid(Backbone(images)[1..]);
        var six = Maps.Convolution("fpn.extra_blocks.p6", levels[2], stride: 2);
        return [.. levels, six, Maps.Convolution("fpn.extra_blocks.p7", Maps.Relu(six), stride: 2)];
    }

    /// <summary>Of P3 to P7.</summary>
    private int[] Sides()
    {
        var six = Halved(Spec.Sides[3]);
        return [.. Spec.Sides[1..], six, Halved(six)];
    }

    private string Tower(string part, string x)
    {
        for (var i = 0; i < head.Depth; i++)
            x = Maps.Relu(
                Maps.GroupNorm(
                    $"{part}.conv.{3 * i + 1}", Maps.Convolution($"{part}.conv.{3 * i}", x), head.Groups, SlicedBatchNorm2d.Epsilon));
        return x;
    }

    /// <summary>Scores [positions, classes] of which only the best stay, the others zero, which no box may have.</summary>
    private string Best(string scores, int all, int classes)
    {
        if (all <= head.Candidates) return scores;
        var flat = Apply("Reshape", scores, Graph.Integers(-1));
        var (values, _) = Graph.ApplyTwo(
            Maps.Next("best"), Maps.Next("places"), "TopK", [flat, Graph.Integers(head.Candidates)], ("axis", 0L));
        var least = Apply("ReduceMin", [values], ("keepdims", 0L));
        return Apply(
            "Reshape", Apply("Where", Apply("GreaterOrEqual", flat, least), flat, Graph.Number(0)), Graph.Integers(-1, classes));
    }

    /// <summary>Distances [positions, 4] about the map's positions -> boxes that end at the image's edges.</summary>
    private string Decode(string distances, int across)
    {
        var step = Spec.Network.Size / across;
        var (places, reach) = (new float[4 * across * across], 2 * MathF.Round(step / 2f));
        for (var i = 0; i < across * across; i++)
            (places[4 * i], places[4 * i + 1], places[4 * i + 2], places[4 * i + 3]) =
                (i % across * step, i / across * step, i % across * step, i / across * step);
        var middles = Graph.Weight(Maps.Next("places"), tensor(places, [across * across, 4]));
        var scale = Graph.Weight(Maps.Next("reach"), tensor([-reach, -reach, reach, reach]));
        return Clip(Apply("Add", middles, Apply("Mul", distances, scale)));
    }
}
