namespace DataSsl.Search.Emit.Dense;

/// <summary>The source of an FCN segmenter over the TorchSharp API.</summary>
internal static class SegmenterClass
{
    public static string Source(DenseSpec spec, FcnSpec head) => DenseSource.File(
        spec,
        $"Tells which of {head.Classes.Count} classes each pixel of an image is of: FCN (Long et al. 2015) on {spec.Network.ClassName}.",
        "Tensor", $$"""
        {{DenseSource.Facts(spec)}}

        private readonly {{spec.Network.ClassName}} backbone;
        {{DenseSource.ScalesField(spec)}}private readonly Sequential classifier;
        private readonly ModuleList<Conv2d> skips;

        /// <summary>Makes the network with weights at random.</summary>
        public {{spec.ClassName}}(Device? device = null, ScalarType? dtype = null) : base(nameof({{spec.ClassName}}))
        {
            backbone = new(device, dtype);
            {{DenseSource.ScalesNew(spec)}}classifier = Sequential(
                Conv2d({{spec.Channels[3]}}, {{spec.Channels[3] / 4}}, 3, padding: 1, bias: false, device: device, dtype: dtype),
                BatchNorm2d({{spec.Channels[3] / 4}}, device: device, dtype: dtype), ReLU(), Dropout(0.1),
                Conv2d({{spec.Channels[3] / 4}}, Classes.Count, 1, device: device, dtype: dtype));
            skips = ModuleList({{Skips(spec, head)}});
            RegisterComponents();
        }

        /// <summary>The class of every pixel: images [N, 3, H, W] -> [N, H, W] in 64 bits.</summary>
        public Tensor Segment(Tensor images)
        {
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            return call(images).argmax(1).MoveToOuterDisposeScope();
        }

        /// <summary>Logits of the classes: images [N, 3, H, W] -> [N, {{head.Classes.Count}}, H, W].</summary>
        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            {{DenseSource.Deeper(DenseSource.Maps(spec))}}
            var scores = classifier.call(maps[3]);
            for (var i = 0; i < skips.Count; i++) scores = resize(scores, maps[2 - i]) + skips[i].call(maps[2 - i]);
            return resize(scores, x).MoveToOuterDisposeScope();
        }

        /// <summary>[N, C, H, W] as high and wide as another.</summary>
        private static Tensor resize(Tensor map, Tensor other) =>
            functional.interpolate(map, size: other.shape[2..], mode: InterpolationMode.Bilinear, align_corners: false);

        {{DenseSource.Loader(spec)}}{{DenseSource.ScalesClass(spec)}}
        """);

    private static string Skips(DenseSpec spec, FcnSpec head) => head.Finer == 0
        ? "Array.Empty<Conv2d>()"
        : string.Join(
            ", ",
            Enumerable.Range(0, head.Finer)
                .Select(i => $"Conv2d({spec.Channels[2 - i]}, Classes.Count, 1, device: device, dtype: dtype)"));
}
