namespace DataSsl.Search.Emit.Dense;

/// <summary>What the sources of emitted detectors over the TorchSharp API have in common.</summary>
internal static class DetectorSource
{
    public const string Detection = """
        /// <summary>An object that was found: the edges of its box in pixels, a score from 0 to 1, and its class.</summary>
        public sealed record Detection(float Left, float Top, float Right, float Bottom, float Score, int Label);
        """;

    /// <summary>Of a class with a method <c>Find</c>.</summary>
    public const string Detect = """
        /// <summary>The best detections on each image: [N, 3, H, W], H and W multiples of 32.</summary>
        /// <param name="images">A smaller image lies in the upper left corner, zeros beside and below it.</param>
        /// <param name="sizes">Height and width of what lies there, where boxes end; none given, the images fill theirs.</param>
        public IReadOnlyList<IReadOnlyList<Detection>> Detect(Tensor images, params (int Height, int Width)[] sizes)
        {
            if (images.dim() != 4 || images.shape[2] % 32 != 0 || images.shape[3] % 32 != 0)
                throw new ArgumentException("images are [N, 3, H, W], H and W multiples of 32", nameof(images));
            var count = (int)images.shape[0];
            if (sizes.Length == 0) sizes = [.. Enumerable.Repeat(((int)images.shape[2], (int)images.shape[3]), count)];
            if (sizes.Length != count) throw new ArgumentException($"{sizes.Length} sizes are given of {count} images", nameof(sizes));
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            return Find(images, sizes);
        }
        """;

    /// <summary>Greedy suppression.</summary>
    public const string Distinct = """
        /// <summary>The best of those that no better one of their label overlaps more than is said.</summary>
        private static IReadOnlyList<Detection> Distinct(List<Detection> found, double overlap, int most)
        {
            var kept = new List<Detection>();
            foreach (var one in found.OrderByDescending(d => d.Score))
            {
                if (kept.Count == most) break;
                if (!kept.Exists(better => better.Label == one.Label && Overlap(better, one) > overlap)) kept.Add(one);
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
        """;

    /// <summary>A class of the feature pyramid.</summary>
    /// <param name="convolutions">Whether two maps by strided convolutions are above the last one; otherwise there is one, of every second
    /// position.</param>
    public static string Pyramid(bool convolutions) => $$"""
        /// <summary>Maps of one width at all scales, the coarser added to the finer (Lin et al. 2017).</summary>
        private sealed class Pyramid : Module
        {
            private readonly ModuleList<Sequential> inner_blocks, layer_blocks;
        {{(convolutions ? "    private readonly Top extra_blocks;\n" : "")}}
            public Pyramid(int[] channels, int width, Device? device, ScalarType? dtype) : base(nameof(Pyramid))
            {
                inner_blocks = ModuleList(
                    channels.Select(c => Sequential(Conv2d(c, width, 1, device: device, dtype: dtype))).ToArray());
                layer_blocks = ModuleList(
                    channels.Select(_ => Sequential(Conv2d(width, width, 3, padding: 1, device: device, dtype: dtype))).ToArray());
        {{(convolutions ? "        extra_blocks = new(width, device, dtype);\n" : "")}}        RegisterComponents();
            }

            /// <summary>{{(convolutions ? "C3 to C5 -> P3 to P7" : "C2 to C5 -> P2 to P6")}}.</summary>
            public Tensor[] Maps(Tensor[] maps)
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
        {{(convolutions
            ? "        var (p6, p7) = extra_blocks.call(pyramid[^1]);\n        return [.. pyramid, p6, p7];"
            : "        return [.. pyramid, functional.max_pool2d(pyramid[^1], 1, 2)];")}}
            }
        }
        """;
}
