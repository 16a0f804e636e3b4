namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of an FCN segmenter that needs nothing but .NET.</summary>
internal static class SegmenterPureClass
{
    /// <summary>The kernels' types that it names.</summary>
    public static IReadOnlyList<string> Kernels { get; } = ["FcnHead", "Copy", "Machine", "Weights"];

    public static string Source(DenseSpec spec, FcnSpec head) => $$"""
        /// <summary>
        /// Tells which of {{head.Classes.Count}} classes each pixel is of, on images of {{spec.Network.Size}} x {{spec.Network.Size}} pixels: FCN (Long et al. 2015).
        /// Images are RGB from 0 to 1, less the mean, over the deviation.
        /// One call at a time.
        /// </summary>
        public sealed unsafe class {{spec.PureName}} : IDisposable
        {
            /// <summary>Channels of an image.</summary>
            public const int Channels = 3;

            private readonly Machine machine;
            private readonly {{spec.Network.ClassName}} backbone;
            private readonly FcnHead head;
            private readonly float[] {{string.Join(", ", Maps(head).Select(map => $"c{map}"))}}, logits;

            private {{spec.PureName}}(Weights weights, Machine machine)
            {
                this.machine = machine;
                IsChecked = weights.IsChecked;
                backbone = new(weights.Of("backbone"), machine);
                head = new(machine, weights, [{{Of(head, spec.Channels)}}], [{{Of(head, spec.Sides)}}], Side, {{head.Classes.Count}});
                {{string.Join("\n        ", Maps(head).Select(map => $"c{map} = new float[{spec.Channels[map - 2]} * {spec.Sides[map - 2]} * {spec.Sides[map - 2]}];"))}}
                logits = new float[{{head.Classes.Count}} * Side * Side];
            }

        {{DenseSource.Indented(DenseSource.Facts(spec))}}

            /// <summary>The class of every pixel: an image [3, {{spec.Network.Size}}, {{spec.Network.Size}}] -> labels [{{spec.Network.Size}}, {{spec.Network.Size}}].</summary>
            /// <param name="image">A smaller one lies in the upper left corner, zeros beside and below it.</param>
            public void Segment(ReadOnlySpan<float> image, Span<int> labels)
            {
                if (labels.Length != Side * Side) throw new ArgumentException($"{labels.Length} labels, where {Side * Side} are given", nameof(labels));
                Logits(image, logits);
                for (var i = 0; i < labels.Length; i++)
                {
                    labels[i] = 0;
                    for (var c = 1; c < {{head.Classes.Count}}; c++)
                        if (logits[c * labels.Length + i] > logits[labels[i] * labels.Length + i])
                            labels[i] = c;
                }
            }

            /// <summary>Logits of the classes [{{head.Classes.Count}}, {{spec.Network.Size}}, {{spec.Network.Size}}].</summary>
            public void Logits(ReadOnlySpan<float> image, Span<float> target)
            {
                if (image.Length != Channels * Side * Side)
                    throw new ArgumentException($"{image.Length} values are no image of {Channels} x {Side} x {Side}", nameof(image));
                if (target.Length != logits.Length)
                    throw new ArgumentException($"{target.Length} values, where {logits.Length} are given", nameof(target));
                backbone.Features(image, {{string.Join(", ", spec.Plan.Taps.Select((_, i) => i - spec.Plan.Taps.Count() + 6 is var map && map >= 5 - head.Finer ? $"c{map}" : "default"))}});
                fixed (float* {{string.Join(", ", Maps(head).Select(map => $"p{map} = c{map}"))}})
                {
                    {{string.Join("\n            ", Maps(head).Select((map, i) => $"head.Take({i}, p{map});"))}}
                }
                head.Run();
                fixed (float* all = target) Copy.ToPlanes(head.Logits.Pointer, Side * Side, {{head.Classes.Count}}, all);
                // The passes hold pointers alone, which keep no memory alive.
                GC.KeepAlive(this);
            }

        {{DenseSource.Indented(DenseSource.PureLoader(spec))}}
        }
        """;

    /// <summary>The maps that have scores, C5 first.</summary>
    private static IEnumerable<int> Maps(FcnSpec head) => Enumerable.Range(0, head.Finer + 1).Select(i => 5 - i);

    private static string Of(FcnSpec head, int[] values) => string.Join(", ", Maps(head).Select(map => values[map - 2]));
}
