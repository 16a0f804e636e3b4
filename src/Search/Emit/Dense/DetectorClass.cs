namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of an FCOS detector over the TorchSharp API.</summary>
internal static class DetectorClass
{
    public static string Source(DenseSpec spec, FcosSpec head) => DenseSource.File(
        spec, $"Finds objects of {head.Classes.Count} classes on images: FCOS (Tian et al. 2019) on {spec.Network.ClassName}.",
        "(Tensor[] logits, Tensor[] distances, Tensor[] centerness)", $$"""
        {{DenseSource.Facts(spec)}}

        /// <summary>An object that was found: the edges of its box in pixels, a score from 0 to 1, and its class.</summary>
        public sealed record Detection(float Left, float Top, float Right, float Bottom, float Score, int Label);

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

        /// <summary>The best detections on each image: [N, 3, H, W], H and W multiples of 32.</summary>
        /// <param name="images">A smaller image lies in the upper left corner, zeros beside and below it.</param>
        /// <param name="sizes">Height and width of what lies there, where boxes end; none given, the images fill theirs.</param>
        public IReadOnlyList<IReadOnlyList<Detection>> Detect(Tensor images, params (int Height, int Width)[] sizes)
        {
            if (images.dim() != 4 || images.shape[2] % 32 != 0 || images.shape[3] % 32 != 0)
                throw new ArgumentException("images are [N, 3, H, W], H and W multiples of 32", nameof(images));
            var (count, height, width) = ((int)images.shape[0], (int)images.shape[2], (int)images.shape[3]);
            if (sizes.Length == 0) sizes = [.. Enumerable.Repeat((height, width), count)];
            if (sizes.Length != count) throw new ArgumentException($"{sizes.Length} sizes are given of {count} images", nameof(sizes));
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            var (logits, distances, centerness) = call(images);
            var found = sizes.Select(_ => new List<Detection>()).ToList();
            for (var level = 0; level < logits.Length; level++)
            {
                // All classes of a position, then the next position.
                var scores = (logits[level].sigmoid() * centerness[level].sigmoid()).sqrt();
                for (var i = 0; i < count; i++)
                    found[i].AddRange(Best(Values(scores[i]), Values(distances[level][i]), scores.shape[2..], (height, width), sizes[i]));
            }
            return [.. found.Select(Distinct)];
        }

        /// <summary>
        /// What each position of the maps P3 to P7 says: logits of the classes [N, {{head.Classes.Count}}, H, W], distances of a box's edges in
        /// the position's size [N, 4, H, W], and a logit of how near to the middle of the box it lies [N, 1, H, W].
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
        private static float[] Values(Tensor map) => map.permute(1, 2, 0).to(ScalarType.Float32).contiguous().cpu().data<float>().ToArray();

        /// <summary>The best of a map's boxes, cut at the image's edges.</summary>
        private static IEnumerable<Detection> Best(
            float[] scores, float[] distances, long[] map, (int Height, int Width) images, (int Height, int Width) image)
        {
            var (rows, columns) = ((int)map[0], (int)map[1]);
            var classes = Classes.Count;
            // Positions are whole pixels apart; a reference box about each is as large, to whole pixels about its middle.
            var (down, across) = (images.Height / rows, images.Width / columns);
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

        /// <summary>The best {{head.Most}} of those that no better one of their class overlaps by more than {{DenseSource.Number(head.Overlap)}}.</summary>
        private static IReadOnlyList<Detection> Distinct(List<Detection> found)
        {
            var kept = new List<Detection>();
            foreach (var one in found.OrderByDescending(d => d.Score))
            {
                if (kept.Count == {{head.Most}}) break;
                if (!kept.Any(better => better.Label == one.Label && Overlap(better, one) > {{DenseSource.Number(head.Overlap)}})) kept.Add(one);
            }
            return kept;
        }

        /// <summary>Intersection over union.</summary>
        private static double Overlap(Detection a, Detection b)
        {
            var width = Math.Max(0, Math.Min((double)a.Right, b.Right) - Math.Max((double)a.Left, b.Left));
            var height = Math.Max(0, Math.Min((double)a.Bottom, b.Bottom) - Math.Max((double)a.Top, b.Top));
            return width * height / (Area(a) + Area(b) - width * height);

            static double Area(Detection d) => ((double)d.Right - d.Left) * ((double)d.Bottom - d.Top);
        }

        {{DenseSource.Loader(spec)}}{{DenseSource.ScalesClass(spec)}}

        /// <summary>Maps of one width at all scales, the coarser added to the finer (Lin et al. 2017).</summary>
        private sealed class Pyramid : Module
        {
            private readonly ModuleList<Sequential> inner_blocks, layer_blocks;
            private readonly Top extra_blocks;

            public Pyramid(int[] channels, int width, Device? device, ScalarType? dtype) : base(nameof(Pyramid))
            {
                inner_blocks = ModuleList(
                    channels.Select(c => Sequential(Conv2d(c, width, 1, device: device, dtype: dtype))).ToArray());
                layer_blocks = ModuleList(
                    channels.Select(_ => Sequential(Conv2d(width, width, 3, padding: 1, device: device, dtype: dtype))).ToArray());
                extra_blocks = new(width, device, dtype);
                RegisterComponents();
            }

            /// <summary>C3 to C5 -> P3 to P7.</summary>
            public IReadOnlyList<Tensor> Maps(Tensor[] maps)
            {
                var (pyramid, above) = (new Tensor[maps.Length], default(Tensor));
                for (var i = maps.Length - 1; i >= 0; i--)
                {
                    var lateral = inner_blocks[i].call(maps[i]);
                    above = above is null
                        ? lateral
                        : lateral + functional.interpolate(above, size: lateral.shape[2..], mode: InterpolationMode.Nearest);
                    pyramid[i] = layer_blocks[i].call(above);
                }
                var (p6, p7) = extra_blocks.call(pyramid[^1]);
                return [.. pyramid, p6, p7];
            }
        }

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
