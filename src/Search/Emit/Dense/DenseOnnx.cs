using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>
/// Detectors and segmenters as ONNX models of standard operators alone. A detector takes one image of its square, and the height and width
/// of what lies there; its NonMaxSuppression is the operator of that name, and what comes out needs no more work: <c>boxes</c> [K, 4],
/// <c>scores</c> [K] and <c>labels</c> [K], the best first. A segmenter takes batches, of any size but for transformers, and gives
/// <c>logits</c> [N, classes, H, W] and <c>labels</c> [N, H, W].
/// </summary>
internal static class DenseOnnx
{
    public const string Images = "images", Size = "size", Boxes = "boxes", Scores = "scores", Labels = "labels", Logits = "logits";

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="state">The weights, by the emitted class's keys.</param>
    public static void Write(
        string path, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var graph = new OnnxGraph(half: false);
        if (spec.Head is FcosSpec fcos) new Detector(graph, spec, fcos, state).Write();
        else Segmenter(graph, spec, (FcnSpec)spec.Head, state);
        var model = graph.Model(spec.ClassName, typeof(DenseOnnx).Assembly.GetName().Version!.ToString(3), metadata);
        AtomicFile.Write(path, model.Write);
    }

    private static void Segmenter(OnnxGraph graph, DenseSpec spec, FcnSpec head, IReadOnlyDictionary<string, Tensor> state)
    {
        var size = spec.Network.Size;
        object height = spec.HasScales ? size : "height", width = spec.HasScales ? size : "width";
        var images = graph.Input(Images, "N", spec.Plan.Space.InputChannels, height, width);
        var maps = new OnnxMaps(graph, state);
        var c = Maps(graph, spec, state, maps, images);
        var hidden = maps.Relu(maps.BatchNorm("classifier.1", maps.Convolution("classifier.0", c[3]), SlicedBatchNorm2d.Epsilon));
        var scores = maps.Convolution("classifier.4", hidden);
        for (var i = 0; i < head.Finer; i++)
            scores = maps.Add(maps.Resize(scores, c[2 - i], bilinear: true), maps.Convolution($"skips.{i}", c[2 - i]));
        maps.Resize(scores, images, bilinear: true);
        graph.Output(graph.Rename(Logits), "N", head.Classes.Count, height, width);
        graph.Apply(Labels, "ArgMax", [Logits], ("axis", 1L), ("keepdims", 0L));
        graph.IntegerOutput(Labels, "N", height, width);
    }

    /// <summary>C2 to C5.</summary>
    private static string[] Maps(
        OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, OnnxMaps maps, string images)
    {
        const string part = "backbone.";
        var own = state.Where(entry => entry.Key.StartsWith(part, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[part.Length..], entry => entry.Value);
        var outputs = OnnxNetwork.Maps(graph, spec.Plan, spec.Network, own, images);
        string[] taken = [.. spec.Maps.Select(map => outputs[map.Tap])];
        return spec.HasScales ? maps.Scales("scales", taken[0], SlicedBatchNorm2d.Epsilon) : taken;
    }

    private sealed class Detector(OnnxGraph graph, DenseSpec spec, FcosSpec head, IReadOnlyDictionary<string, Tensor> state)
    {
        private readonly OnnxMaps maps = new(graph, state);

        public void Write()
        {
            var (side, classes) = (spec.Network.Size, head.Classes.Count);
            var images = graph.Input(Images, 1, spec.Plan.Space.InputChannels, side, side);
            var size = graph.Input(Size, 2);
            var (scores, boxes, sides) = (new List<string>(), new List<string>(), Sides());
            foreach (var (map, across) in Pyramid(Maps(graph, spec, state, maps, images)).Zip(sides))
            {
                var hidden = Tower("head.regression_head", map);
                var center = maps.Convolution("head.regression_head.bbox_ctrness", hidden);
                var logits = maps.Convolution("head.classification_head.cls_logits", Tower("head.classification_head", map));
                var level = maps.Apply("Sqrt", [maps.Apply("Mul", [Sigmoid(logits), Sigmoid(center)])]);
                scores.Add(Best(Rows(level, classes), across * across * classes, classes));
                boxes.Add(Decode(Rows(maps.Relu(maps.Convolution("head.regression_head.bbox_reg", hidden)), 4), across, size));
            }
            var all = maps.Apply("Concat", [.. boxes], ("axis", 0L));
            // [1, classes, positions], as the operator wants them.
            var every = maps.Apply("Concat", [.. scores], ("axis", 0L));
            var table = Unsqueezed(maps.Apply("Transpose", [every], ("perm", new long[] { 1, 0 })));
            var kept = maps.Apply(
                "NonMaxSuppression",
                [
                    Unsqueezed(all), table, graph.Integers(head.Most), graph.Number((float)head.Overlap), graph.Number((float)head.Score),
                ]);
            // Rows of image, class and position: the best of all classes, in order.
            var values = maps.Apply("GatherND", [table, kept]);
            var count = maps.Apply("Min", [graph.Integers(head.Most), maps.Apply("Shape", [values])]);
            var (top, order) = graph.ApplyTwo(Scores, maps.Next("order"), "TopK", [values, count], ("axis", 0L));
            graph.Apply(Labels, "Gather", [Column(kept, 1), order], ("axis", 0L));
            graph.Apply(Boxes, "Gather", [all, maps.Apply("Gather", [Column(kept, 2), order], ("axis", 0L))], ("axis", 0L));
            graph.Output(Boxes, "K", 4);
            graph.Output(top, "K");
            graph.IntegerOutput(Labels, "K");
        }

        /// <summary>Of P3 to P7.</summary>
        private int[] Sides()
        {
            var six = (spec.Sides[3] - 1) / 2 + 1;
            return [.. spec.Sides[1..], six, (six - 1) / 2 + 1];
        }

        /// <summary>C2 to C5 -> P3 to P7.</summary>
        private IEnumerable<string> Pyramid(string[] c)
        {
            var (levels, above) = (new string[3], "");
            for (var i = 2; i >= 0; i--)
            {
                var lateral = maps.Convolution($"fpn.inner_blocks.{i}.0", c[i + 1]);
                above = i == 2 ? lateral : maps.Add(lateral, maps.Resize(above, lateral, bilinear: false));
                levels[i] = maps.Convolution($"fpn.layer_blocks.{i}.0", above);
            }
            var six = maps.Convolution("fpn.extra_blocks.p6", levels[2], stride: 2);
            return [.. levels, six, maps.Convolution("fpn.extra_blocks.p7", maps.Relu(six), stride: 2)];
        }

        private string Tower(string part, string x)
        {
            for (var i = 0; i < head.Depth; i++)
                x = maps.Relu(
                    maps.GroupNorm(
                        $"{part}.conv.{3 * i + 1}", maps.Convolution($"{part}.conv.{3 * i}", x), head.Groups, SlicedBatchNorm2d.Epsilon));
            return x;
        }

        /// <summary>[1, K, H, W] -> [H * W, K].</summary>
        private string Rows(string map, int values) => maps.Apply(
            "Reshape", [maps.Apply("Transpose", [map], ("perm", new long[] { 0, 2, 3, 1 })), graph.Integers(-1, values)]);

        /// <summary>Scores [positions, classes] of which only the best stay, the others zero, which no box may have.</summary>
        private string Best(string scores, int all, int classes)
        {
            if (all <= head.Candidates) return scores;
            var flat = maps.Apply("Reshape", [scores, graph.Integers(-1)]);
            var (values, _) = graph.ApplyTwo(
                maps.Next("best"), maps.Next("places"), "TopK", [flat, graph.Integers(head.Candidates)], ("axis", 0L));
            var least = maps.Apply("ReduceMin", [values], ("keepdims", 0L));
            var stay = maps.Apply("GreaterOrEqual", [flat, least]);
            return maps.Apply("Reshape", [maps.Apply("Where", [stay, flat, graph.Number(0)]), graph.Integers(-1, classes)]);
        }

        /// <summary>Distances [positions, 4] about the map's positions -> boxes that end at the image's edges.</summary>
        private string Decode(string distances, int across, string size)
        {
            var step = spec.Network.Size / across;
            var (places, reach) = (new float[4 * across * across], 2 * MathF.Round(step / 2f));
            for (var i = 0; i < across * across; i++)
                (places[4 * i], places[4 * i + 1], places[4 * i + 2], places[4 * i + 3]) =
                    (i % across * step, i / across * step, i % across * step, i / across * step);
            var middles = graph.Weight(maps.Next("places"), tensor(places, [across * across, 4]));
            var scale = graph.Weight(maps.Next("reach"), tensor([-reach, -reach, reach, reach]));
            var free = maps.Apply("Add", [middles, maps.Apply("Mul", [distances, scale])]);
            // Height and width as width, height, width, height.
            var ends = maps.Apply("Gather", [size, graph.Integers(1, 0, 1, 0)], ("axis", 0L));
            return maps.Apply("Max", [maps.Apply("Min", [free, ends]), graph.Number(0)]);
        }

        private string Sigmoid(string x) => maps.Apply("Sigmoid", [x]);

        private string Unsqueezed(string x) => maps.Apply("Unsqueeze", [x, graph.Integers(0)]);

        private string Column(string rows, long column) => maps.Apply("Gather", [rows, graph.Integer(column)], ("axis", 1L));
    }
}
