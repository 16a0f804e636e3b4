namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of an FCOS detector over the TorchSharp API.</summary>
internal static class FcosClass
{
    public static string Source(DenseSpec spec, FcosSpec head) => DenseSource.File(
        spec, $"Finds objects of {head.Classes.Count} classes on images: FCOS (Tian et al. 2019) on {spec.Network.ClassName}.",
        "(Tensor[] logits, Tensor[] distances, Tensor[] centerness)", $$"""
        {{DenseSource.Facts(spec)}}

        {{DetectorSource.Detection}}

        private readonly {{spec.Network.ClassName}} backbone;
        {{DenseSource.ScalesField(spec)}}private readonly Pyramid fpn;
        private readonly Head head;

        /// <summary>Makes the network with weights at random.</summary>
        public {{spec.ClassName}}(Device? device = null, ScalarType? dtype = null) : base(nameof({{spec.ClassName}}))
        {
            backbone = new(device, dtype);
            {{DenseSource.ScalesNew(spec)}}fpn = new([{{string.Join(", ", spec.Channels[1..])}}], {{head.Width}}, device, dtype);
            head = new({{head.Width}}, {{head.Classes.Count}}, device, dtype);
            RegisterComponents();
        }

        {{DetectorSource.Detect}}

        private IReadOnlyList<IReadOnlyList<Detection>> Find(Tensor images, (int Height, int Width)[] sizes)
        {
            var (logits, distances, centerness) = call(images);
            var found = sizes.Select(_ => new List<Detection>()).ToList();
            for (var level = 0; level < logits.Length; level++)
            {
                // All classes of a position, then the next position.
                var scores = (logits[level].sigmoid() * centerness[level].sigmoid()).sqrt();
                for (var i = 0; i < found.Count; i++)
                    found[i].AddRange(
                        Best(Values(scores[i]), Values(distances[level][i]), scores.shape[2..], images.shape[2..], sizes[i]));
            }
            return [.. found.Select(of => Distinct(of, {{DenseSource.Number(head.Overlap)}}, {{head.Most}}))];
        }

        /// <summary>
        /// What each position of the maps P3 to P7 says: logits of the classes [N, {{head.Classes.Count}}, H, W], distances of a
        /// box's edges in the position's size [N, 4, H, W], and a logit of how near to the middle of the box it lies [N, 1, H, W].
        /// </summary>
        public override (Tensor[] logits, Tensor[] distances, Tensor[] centerness) forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            {{DenseSource.Deeper(DenseSource.Maps(spec))}}
            var levels = fpn.Maps(maps[1..]).Select(head.Of).ToList();
            foreach (var (logits, distances, centerness) in levels)
            {
                logits.MoveToOuterDisposeScope();
                distances.MoveToOuterDisposeScope();
                centerness.MoveToOuterDisposeScope();
            }
            return ([.. levels.Select(l => l.Logits)], [.. levels.Select(l => l.Distances)], [.. levels.Select(l => l.Centerness)]);
        }

        /// <summary>[C, H, W] as an array [H, W, C].</summary>
        private static float[] Values(Tensor map) =>
            map.permute(1, 2, 0).to(ScalarType.Float32).contiguous().cpu().data<float>().ToArray();

        /// <summary>The best of a map's boxes, cut at the image's edges.</summary>
        private static IEnumerable<Detection> Best(
            float[] scores, float[] distances, long[] map, long[] images, (int Height, int Width) image)
        {
            var (rows, columns) = ((int)map[0], (int)map[1]);
            var classes = Classes.Count;
            // Positions are whole pixels apart; a reference box about each is as large, to whole pixels about its middle.
            var (down, across) = ((int)images[0] / rows, (int)images[1] / columns);
            var side = 2 * MathF.Round(down / 2f);
            return Enumerable.Range(0, scores.Length).Where(i => scores[i] > {{DenseSource.Number(head.Score)}}f)
                .OrderByDescending(i => scores[i]).Take({{head.Candidates}}).Select(i =>
                {
                    var place = i / classes;
                    var (x, y) = (place % columns * across, place / columns * down);
                    var d = distances.AsSpan(4 * place, 4);
                    return new Detection(
                        Math.Clamp(x - d[0] * side, 0, image.Width), Math.Clamp(y - d[1] * side, 0, image.Height),
                        Math.Clamp(x + d[2] * side, 0, image.Width), Math.Clamp(y + d[3] * side, 0, image.Height), scores[i], i % classes);
                });
        }

        {{DetectorSource.Distinct}}

        {{DenseSource.Loader(spec)}}{{DenseSource.ScalesClass(spec)}}

        {{DetectorSource.Pyramid(convolutions: true)}}

        /// <summary>Two levels above the last.</summary>
        private sealed class Top : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Conv2d p6, p7;

            public Top(int width, Device? device, ScalarType? dtype) : base(nameof(Top))
            {
                p6 = Conv2d(width, width, 3, stride: 2, padding: 1, device: device, dtype: dtype);
                p7 = Conv2d(width, width, 3, stride: 2, padding: 1, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override (Tensor, Tensor) forward(Tensor p5)
            {
                var six = p6.call(p5);
                return (six, p7.call(six.relu()));
            }
        }

        /// <summary>Convolutions that all levels share.</summary>
        private sealed class Head : Module
        {
            private readonly Classification classification_head;
            private readonly Regression regression_head;

            public Head(int width, int classes, Device? device, ScalarType? dtype) : base(nameof(Head))
            {
                classification_head = new(width, classes, device, dtype);
                regression_head = new(width, device, dtype);
                RegisterComponents();
            }

            public (Tensor Logits, Tensor Distances, Tensor Centerness) Of(Tensor map)
            {
                var (distances, centerness) = regression_head.call(map);
                return (classification_head.call(map), distances, centerness);
            }

            public static Sequential Tower(int width, Device? device, ScalarType? dtype) => Sequential(
                Enumerable.Range(0, {{head.Depth}}).SelectMany(_ => new Module<Tensor, Tensor>[]
                {
                    Conv2d(width, width, 3, padding: 1, device: device, dtype: dtype),
                    GroupNorm({{head.Groups}}, width, device: device, dtype: dtype), ReLU(),
                }));
        }

        private sealed class Classification : Module<Tensor, Tensor>
        {
            private readonly Sequential conv;
            private readonly Conv2d cls_logits;

            public Classification(int width, int classes, Device? device, ScalarType? dtype) : base(nameof(Classification))
            {
                conv = Head.Tower(width, device, dtype);
                cls_logits = Conv2d(width, classes, 3, padding: 1, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override Tensor forward(Tensor map) => cls_logits.call(conv.call(map));
        }

        private sealed class Regression : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Sequential conv;
            private readonly Conv2d bbox_reg, bbox_ctrness;

            public Regression(int width, Device? device, ScalarType? dtype) : base(nameof(Regression))
            {
                conv = Head.Tower(width, device, dtype);
                bbox_reg = Conv2d(width, 4, 3, padding: 1, device: device, dtype: dtype);
                bbox_ctrness = Conv2d(width, 1, 3, padding: 1, device: device, dtype: dtype);
                RegisterComponents();
            }

            public override (Tensor, Tensor) forward(Tensor map)
            {
                var x = conv.call(map);
                return (bbox_reg.call(x).relu(), bbox_ctrness.call(x));
            }
        }
        """);
}
