namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of an FCOS detector that needs nothing but .NET.</summary>
internal static class FcosPureClass
{
    /// <summary>The kernels' types that it names.</summary>
    public static IReadOnlyList<string> Kernels { get; } = ["Pyramid", "FcosHead", "FcosBoxes", "FoundBox", "Machine", "Weights"];

    public static string Source(DenseSpec spec, FcosSpec head) => $$"""
        /// <summary>
        /// Finds objects of {{head.Classes.Count}} classes on images of {{spec.Network.Size}} x {{spec.Network.Size}} pixels: FCOS (Tian et al. 2019).
        /// Images are RGB from 0 to 1, less the mean, over the deviation.
        /// One call at a time.
        /// </summary>
        public sealed unsafe class {{spec.PureName}} : IDisposable
        {
            /// <summary>What was found: the edges of its box in pixels, a score from 0 to 1, and its class.</summary>
            public sealed record Detection(float Left, float Top, float Right, float Bottom, float Score, int Label);

            /// <summary>Channels of an image.</summary>
            public const int Channels = 3;

            private readonly Machine machine;
            private readonly {{spec.Network.ClassName}} backbone;
            private readonly Pyramid fpn;
            private readonly FcosHead head;
            private readonly FcosBoxes boxes;
            private readonly float[] {{string.Join(", ", Maps(spec))}};

            private {{spec.PureName}}(Weights weights, Machine machine)
            {
                this.machine = machine;
                IsChecked = weights.IsChecked;
                backbone = new(weights.Of("backbone"), machine);
                fpn = new(machine, weights.Of("fpn"), [{{string.Join(", ", spec.Channels[1..])}}], [{{string.Join(", ", spec.Sides[1..])}}], {{head.Width}});
                head = new(machine, weights.Of("head"), fpn.Sides, {{head.Width}}, {{head.Classes.Count}}, {{head.Depth}}, {{head.Groups}});
                boxes = new(
                    Side, fpn.Sides, {{head.Classes.Count}}, {{DenseSource.Number(head.Score)}}f, {{DenseSource.Number(head.Overlap)}}, {{head.Candidates}}, {{head.Most}});
                {{string.Join("\n        ", Maps(spec).Select((map, i) => $"{map} = new float[{spec.Channels[i + 1]} * {spec.Sides[i + 1]} * {spec.Sides[i + 1]}];"))}}
            }

        {{DenseSource.Indented(DenseSource.Facts(spec))}}

            /// <summary>The best detections on an image [3, {{spec.Network.Size}}, {{spec.Network.Size}}].</summary>
            /// <param name="image">A smaller one lies in the upper left corner, zeros beside and below it.</param>
            /// <param name="height">Of what lies there: boxes end at its edges.</param>
            public IReadOnlyList<Detection> Detect(ReadOnlySpan<float> image, int height = Side, int width = Side)
            {
                if (image.Length != Channels * Side * Side)
                    throw new ArgumentException($"{image.Length} values are no image of {Channels} x {Side} x {Side}", nameof(image));
                backbone.Features(image, {{string.Join(", ", Enumerable.Repeat("default", spec.Plan.Taps.Count() - 3).Concat(Maps(spec)))}});
                fixed (float* {{string.Join(", ", Maps(spec).Select(map => $"p{map[1..]} = {map}"))}})
                {
                    {{string.Join("\n            ", Maps(spec).Select((map, i) => $"fpn.Take({i}, p{map[1..]});"))}}
                }
                fpn.Run();
                head.Run(fpn.Maps);
                var found = new List<Detection>();
                foreach (var box in boxes.Of(head.Logits, head.Edges, height, width))
                    found.Add(new(box.Left, box.Top, box.Right, box.Bottom, box.Score, box.Label));
                // The passes hold pointers alone, which keep no memory alive.
                GC.KeepAlive(this);
                return found;
            }

        {{DenseSource.Indented(DenseSource.PureLoader(spec))}}
        }
        """;

    private static string[] Maps(DenseSpec spec) => ["c3", "c4", "c5"];
}
