namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of a Faster R-CNN over the TorchSharp API.</summary>
internal static class RegionClass
{
    /// <summary>Positions a pixel of the maps that are pooled from.</summary>
    public static float[] Scales(DenseSpec spec, RegionSpec head) =>
        [.. PooledSides(spec, head).Select(side => MathF.Pow(2, MathF.Round(MathF.Log2((float)side / spec.Network.Size))))];

    /// <summary>Regions whose mean side is as long are not pooled from a map, but from the next, of each but the last.</summary>
    public static float[] Sides(DenseSpec spec, RegionSpec head) =>
        [.. Scales(spec, head)[..^1].Select(scale => (float)(head.NextMapSide / scale))];

    public static string Source(DenseSpec spec, RegionSpec head) => DenseSource.File(
        spec, $"Finds objects of {head.Classes.Count} classes on images: Faster R-CNN ({Paper(head)}) on {spec.Network.ClassName}.",
        "(Tensor proposals, Tensor scores, Tensor boxes)[]", $$"""
        {{DenseSource.Facts(spec)}}

        {{DetectorSource.Detection}}

        // Edges in pixels about each position of a map, of one anchor after the other.
        private static readonly float[][] Anchors =
        [
            {{string.Join(",\n    ", head.Anchors.Select(of => $"[{DenseSource.Floats(of)}]"))}},
        ];

        // Positions a pixel of the maps that regions are pooled from, and from which side on a region goes to the next.
        private static readonly float[] MapScales = [{{DenseSource.Floats(Scales(spec, head))}}], MapSides = [{{DenseSource.Floats(Sides(spec, head))}}];

        private readonly {{spec.Network.ClassName}} backbone;
        {{Fields(spec, head)}}
        private readonly ProposalNetwork rpn;
        private readonly RegionHeads roi_heads;

        /// <summary>Makes the network with weights at random.</summary>
        public {{spec.ClassName}}(Device? device = null, ScalarType? dtype = null) : base(nameof({{spec.ClassName}}))
        {
            backbone = new(device, dtype);
            {{New(spec, head)}}
            RegisterComponents();
        }

        {{DetectorSource.Detect}}

        private IReadOnlyList<IReadOnlyList<Detection>> Find(Tensor images, (int Height, int Width)[] sizes) =>
            [.. Regions(images, sizes).Select(Best)];

        /// <summary>
        /// What is said of each of the images [N, 3, H, W]: proposals [K, 4], scores [K, {{head.Classes.Count + 1}}] of the background
        /// and the classes, and a box for each class [K, {{head.Classes.Count}}, 4], edges in pixels.
        /// </summary>
        public override (Tensor proposals, Tensor scores, Tensor boxes)[] forward(Tensor x) =>
            Regions(x, [.. Enumerable.Repeat(((int)x.shape[2], (int)x.shape[3]), (int)x.shape[0])]);

        private (Tensor proposals, Tensor scores, Tensor boxes)[] Regions(Tensor x, (int Height, int Width)[] sizes)
        {
            using var scope = NewDisposeScope();
            {{DenseSource.Deeper(DenseSource.Maps(spec))}}
            {{(head.Pyramid is null ? "Tensor[] levels = [maps[2]];" : "var levels = fpn.Maps(maps);")}}
            var said = levels.Select(rpn.Of).ToList();
            var proposals = sizes.Select((size, i) => Proposals(said, i, x.shape[2..], size)).ToList();
            var (logits, codes) = roi_heads.call({{Pooled(head)}});
            var scores = functional.softmax(logits, -1);
            var (all, start) = (new (Tensor, Tensor, Tensor)[sizes.Length], 0L);
            for (var i = 0; i < all.Length; i++)
            {
                var count = proposals[i].Length / 4;
                var regions = tensor(proposals[i], [count, 4], device: x.device).to(x.dtype);
                // The first class is the background.
                var own = codes.narrow(0, start, count).narrow(1, 1, Classes.Count);
                var boxes = Decode(own, regions, {{Of(head.Boxes)}}, sizes[i]);
                all[i] = (
                    regions.MoveToOuterDisposeScope(), scores.narrow(0, start, count).MoveToOuterDisposeScope(),
                    boxes.MoveToOuterDisposeScope());
                start += count;
            }
            return all;
        }

        /// <summary>The best of an image's boxes.</summary>
        private static IReadOnlyList<Detection> Best((Tensor proposals, Tensor scores, Tensor boxes) image)
        {
            var (scores, edges, found) = (Numbers(image.scores), Numbers(image.boxes), new List<Detection>());
            for (var i = 0; i < scores.Length; i++)
            {
                var (region, label) = (i / (Classes.Count + 1), i % (Classes.Count + 1) - 1);
                if (label < 0 || !(scores[i] > {{DenseSource.Number(head.Score)}}f)) continue;
                var one = Of(edges.AsSpan(4 * (region * Classes.Count + label), 4), scores[i], label);
                if (AtLeast(one, {{DenseSource.Number(head.Boxes.SmallestSide)}}f)) found.Add(one);
            }
            return Distinct(found, {{DenseSource.Number(head.Overlap)}}, {{head.Most}});
        }

        /// <summary>An image's regions of whatever is no background: edges, one region after the other.</summary>
        private static float[] Proposals(
            IReadOnlyList<(Tensor Logits, Tensor Codes)> maps, int image, long[] images, (int Height, int Width) size)
        {
            var found = new List<Detection>();
            for (var level = 0; level < maps.Count; level++)
            {
                // All anchors of a position, then the next position.
                var logits = maps[level].Logits[image].permute(1, 2, 0);
                var codes = maps[level].Codes[image].permute(1, 2, 0).reshape(-1, 1, 4);
                var (rows, columns, each) = ((int)logits.shape[0], (int)logits.shape[1], Anchors[level].Length / 4);
                var (down, across) = ((int)images[0] / rows, (int)images[1] / columns);
                var (best, places) = logits.flatten().topk((int)Math.Min({{head.Candidates}}, logits.numel()));
                var references = places.cpu().data<long>().ToArray().SelectMany(place =>
                {
                    var (position, anchor) = ((int)place / each, (int)place % each);
                    var (x, y, edges) = (position % columns * across, position / columns * down, Anchors[level][(4 * anchor)..]);
                    return new[] { x + edges[0], y + edges[1], x + edges[2], y + edges[3] };
                }).ToArray();
                var about = tensor(references, [references.Length / 4, 4], device: codes.device).to(codes.dtype);
                var boxes = Numbers(Decode(codes.index_select(0, places), about, {{Of(head.ProposalBoxes)}}, size));
                found.AddRange(
                    Numbers(best).Select((score, k) => Of(boxes.AsSpan(4 * k, 4), score, level))
                        .Where(one => AtLeast(one, {{DenseSource.Number(head.ProposalBoxes.SmallestSide)}}f)));
            }
            return
            [
                .. Distinct(found, {{DenseSource.Number(head.ProposalOverlap)}}, {{head.Proposals}})
                    .SelectMany(d => new[] { d.Left, d.Top, d.Right, d.Bottom }),
            ];
        }

        /// <summary>Boxes of codes [K, C, 4] about references [K, 4], cut at an image's edges (Girshick et al. 2014, appendix C).</summary>
        private static Tensor Decode(
            Tensor codes, Tensor references, double center, double size, double largest, (int Height, int Width) image)
        {
            var (first, last) = (references.unsqueeze(1).narrow(-1, 0, 2), references.unsqueeze(1).narrow(-1, 2, 2));
            var (sides, ends) = (last - first, tensor(new float[] { image.Width, image.Height }, device: codes.device).to(codes.dtype));
            var middles = codes.narrow(-1, 0, 2) / center * sides + (first + 0.5 * sides);
            var reach = 0.5 * ((codes.narrow(-1, 2, 2) / size).clamp(max: largest).exp() * sides);
            return cat([Cut(middles - reach), Cut(middles + reach)], -1);

            Tensor Cut(Tensor edges) => edges.clamp(min: 0).minimum(ends);
        }

        /// <summary>
        /// What lies under regions: maps [N, C, H, W] -> [K, C, {{head.Bins}}, {{head.Bins}}], image after image, the mean of bilinear
        /// samples in every bin (He et al. 2017, Mask R-CNN, section 3).
        /// </summary>
        private static Tensor Pool(IReadOnlyList<Tensor> maps, IReadOnlyList<float[]> regions)
        {
            var (channels, device) = (maps[0].shape[1], maps[0].device);
            var rows = cat([.. maps.Select(map => map.permute(0, 2, 3, 1).reshape(-1, channels))], 0);
            var (places, weights, starts) = (new List<long>(), new List<float>(), new List<long>());
            for (var image = 0; image < regions.Count; image++)
                for (var k = 0; k < regions[image].Length; k += 4)
                {
                    var edges = regions[image].AsSpan(k, 4);
                    var (level, side) = (0, MathF.Sqrt((edges[2] - edges[0]) * (edges[3] - edges[1])));
                    while (level < MapSides.Length && side >= MapSides[level]) level++;
                    var (height, width, scale) = ((int)maps[level].shape[2], (int)maps[level].shape[3], MapScales[level]);
                    var start = maps.Take(level).Sum(map => map.shape[0] * map.shape[2] * map.shape[3]) + (long)image * height * width;
                    var (left, top) = {{(head.Aligned
                        ? "(edges[0] * scale - 0.5f, edges[1] * scale - 0.5f)"
                        : "(edges[0] * scale, edges[1] * scale)")}};
                    var (wide, tall) = {{(head.Aligned
                        ? "(edges[2] * scale - 0.5f - left, edges[3] * scale - 0.5f - top)"
                        : "(MathF.Max(edges[2] * scale - left, 1), MathF.Max(edges[3] * scale - top, 1))")}};
                    var (down, across) = {{(head.Samples > 0
                        ? $"({head.Samples}, {head.Samples})"
                        : $"(Math.Max(0, (int)MathF.Ceiling(tall / {head.Bins})), Math.Max(0, (int)MathF.Ceiling(wide / {head.Bins})))")}};
                    var (ys, xs, count) = (Samples(top, tall, down, height), Samples(left, wide, across, width), (float)(down * across));
                    for (var bin = 0; bin < {{head.Bins * head.Bins}}; bin++)
                    {
                        starts.Add(places.Count);
                        var (row, column) = (bin / {{head.Bins}} * down, bin % {{head.Bins}} * across);
                        foreach (var y in ys.AsSpan(row, down))
                            foreach (var x in xs.AsSpan(column, across))
                            {
                                var (low, high) = (start + y.Low * width, start + y.High * width);
                                places.AddRange(low + x.Low, low + x.High, high + x.Low, high + x.High);
                                weights.AddRange(
                                    y.First * x.First / count, y.First * x.Second / count, y.Second * x.First / count,
                                    y.Second * x.Second / count);
                            }
                    }
                }
            if (starts.Count == 0) return zeros([0, channels, {{head.Bins}}, {{head.Bins}}], rows.dtype, device);
            using var sums = EmbeddingBag_from_pretrained(rows, mode: EmbeddingBagMode.Sum);
            var (own, share) = (tensor(starts.ToArray(), device: device), tensor(weights.ToArray(), device: device).to(rows.dtype));
            return sums.call(tensor(places.ToArray(), device: device), own, share).reshape(-1, {{head.Bins}}, {{head.Bins}}, channels)
                .permute(0, 3, 1, 2);
        }

        /// <summary>Places between two positions of a map's side, so many in each bin, and what the two count.</summary>
        private static (int Low, int High, float First, float Second)[] Samples(float start, float length, int each, int positions)
        {
            var size = length / {{head.Bins}};
            return
            [
                .. Enumerable.Range(0, {{head.Bins}} * each).Select(i => At(start + i / each * size + (i % each + 0.5f) * size / each)),
            ];

            (int, int, float, float) At(float place)
            {
                // More than one position outside there is nothing; up to that the border goes on.
                if (!(place >= -1 && place <= positions)) return (0, 0, 0, 0);
                place = MathF.Max(place, 0);
                var low = (int)place;
                return low >= positions - 1 ? (positions - 1, positions - 1, 1, 0) : (low, low + 1, 1 - (place - low), place - low);
            }
        }

        private static Detection Of(ReadOnlySpan<float> edges, float score, int label) =>
            new(edges[0], edges[1], edges[2], edges[3], score, label);

        private static bool AtLeast(Detection one, float side) => one.Right - one.Left >= side && one.Bottom - one.Top >= side;

        private static float[] Numbers(Tensor values) =>
            values.numel() == 0 ? [] : values.to(ScalarType.Float32).contiguous().cpu().data<float>().ToArray();

        {{DetectorSource.Distinct}}

        {{DenseSource.Loader(spec)}}{{PyramidClasses(spec, head)}}

        /// <summary>Whether each anchor at each position holds something, and that one's box (Ren et al. 2015, section 3.1).</summary>
        private sealed class ProposalNetwork : Module
        {
            private readonly ProposalHead head;

            public ProposalNetwork(int channels, int anchors, Device? device, ScalarType? dtype) : base(nameof(ProposalNetwork))
            {
                head = new(channels, anchors, device, dtype);
                RegisterComponents();
            }

            public (Tensor Logits, Tensor Codes) Of(Tensor map) => head.call(map);
        }

        private sealed class ProposalHead : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Sequential conv;
            private readonly Conv2d cls_logits, bbox_pred;

            public ProposalHead(int channels, int anchors, Device? device, ScalarType? dtype) : base(nameof(ProposalHead))
            {
                conv = Sequential(Sequential(Conv2d(channels, channels, 3, padding: 1, device: device, dtype: dtype), ReLU()));
                cls_logits = Conv2d(channels, anchors, 1, device: device, dtype: dtype);
                bbox_pred = Conv2d(channels, 4 * anchors, 1, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override (Tensor, Tensor) forward(Tensor map)
            {
                var x = conv.call(map);
                return (cls_logits.call(x), bbox_pred.call(x));
            }
        }

        /// <summary>From what is pooled of regions to logits [K, C] and codes of boxes [K, C, 4].</summary>
        private sealed class RegionHeads : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly BoxHead box_head;
            private readonly BoxPredictor box_predictor;

            public RegionHeads(int inputs, int width, int classes, Device? device, ScalarType? dtype) : base(nameof(RegionHeads))
            {
                box_head = new(inputs, width, device, dtype);
                box_predictor = new(width, classes, device, dtype);
                RegisterComponents();
            }

            public override (Tensor, Tensor) forward(Tensor x) => box_predictor.call(box_head.call(x));
        }

        {{BoxHead(head)}}

        private sealed class BoxPredictor : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Linear cls_score, bbox_pred;

            public BoxPredictor(int inputs, int classes, Device? device, ScalarType? dtype) : base(nameof(BoxPredictor))
            {
                cls_score = Linear(inputs, classes, device: device, dtype: dtype);
                bbox_pred = Linear(inputs, 4 * classes, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override (Tensor, Tensor) forward(Tensor x) => (cls_score.call(x), bbox_pred.call(x).reshape(x.shape[0], -1, 4));
        }
        """);

    private static string Paper(RegionSpec head) =>
        head.Pyramid is null ? "Ren et al. 2015" : "Ren et al. 2015, with the pyramid of Lin et al. 2017";

    private static string Pooled(RegionSpec head) =>
        head.Pyramid is null ? "last(Pool(levels, proposals))" : "Pool(levels[..^1], proposals)";

    private static string Of(BoxRule rule) =>
        $"{DenseSource.Number(rule.Center)}, {DenseSource.Number(rule.Size)}, {DenseSource.Number(rule.Largest)}";

    private static IEnumerable<int> PooledSides(DenseSpec spec, RegionSpec head) => head.Pyramid is null ? [spec.Sides[2]] : spec.Sides;

    private static string Fields(DenseSpec spec, RegionSpec head) => head.Pyramid is null
        ? "private readonly Func<Tensor, Tensor> last;"
        : $"{DenseSource.ScalesField(spec)}private readonly Pyramid fpn;";

    private static string New(DenseSpec spec, RegionSpec head)
    {
        var (each, classes) = (head.Anchors[0].Length / 4, head.Classes.Count + 1);
        return head.Pyramid is var (channels, hidden)
            ? $"""
            {DenseSource.ScalesNew(spec)}fpn = new([{string.Join(", ", spec.Channels)}], {channels}, device, dtype);
                rpn = new({channels}, {each}, device, dtype);
                roi_heads = new({channels * head.Bins * head.Bins}, {hidden}, {classes}, device, dtype);
            """
            : $"""
            // The stage from C4 to C5; its weights are the backbone's.
                last = ((Module<Tensor, Tensor>)backbone.named_children().Single(child => child.name == "{LastStage}").module).call;
                rpn = new({spec.Channels[2]}, {each}, device, dtype);
                roi_heads = new({spec.Channels[2]}, {spec.Channels[3]}, {classes}, device, dtype);
            """;
    }

    private static string PyramidClasses(DenseSpec spec, RegionSpec head) => head.Pyramid is null
        ? ""
        : $"{DenseSource.ScalesClass(spec)}\n\n{DetectorSource.Pyramid(convolutions: false)}";

    /// <summary>In the keys of residual networks.</summary>
    private const string LastStage = "layer4";

    private static string BoxHead(RegionSpec head) => head.Pyramid is null
        ? """
        /// <summary>C5 of regions, normed, and its mean: [K, C, S, S] -> [K, C].</summary>
        private sealed class BoxHead : Module<Tensor, Tensor>
        {
            private readonly BatchNorm2d norm;

            public BoxHead(int inputs, int width, Device? device, ScalarType? dtype) : base(nameof(BoxHead))
            {
                norm = BatchNorm2d(width, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x) => norm.call(x).mean([2, 3]);
        }
        """
        : """
        /// <summary>Two layers on what is pooled: [K, C, S, S] -> [K, D].</summary>
        private sealed class BoxHead : Module<Tensor, Tensor>
        {
            private readonly Linear fc6, fc7;

            public BoxHead(int inputs, int width, Device? device, ScalarType? dtype) : base(nameof(BoxHead))
            {
                fc6 = Linear(inputs, width, device: device, dtype: dtype);
                fc7 = Linear(width, width, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x) => fc7.call(fc6.call(x.flatten(1)).relu()).relu();
        }
        """;
}
