using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Model;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Families;

/// <summary>
/// Bottleneck residual networks (He et al. 2016) with the stride in the 3x3, and torchvision's state-dict keys. A bottleneck width w gives a stage 4w
/// output channels. DATA, Table 1, is a space of this family.
/// </summary>
internal sealed class ResNetBottleneck : Family
{
    private const int Expansion = 4;

    private static readonly BlockTemplate Bottleneck = new(
        "Bottleneck",
        "Bottleneck block: 1x1, 3x3 (which carries the stride), 1x1, added to the shortcut.",
        Ports: new(["in", "width", "out"]),
        Main: new(
        [
            Layer.Conv("conv1", "in", "width", kernel: 1), Layer.Norm("bn1", "width"), Layer.Relu(),
            Layer.Conv("conv2", "width", "width", kernel: 3, strided: true), Layer.Norm("bn2", "width"), Layer.Relu(),
            Layer.Conv("conv3", "width", "out", kernel: 1), Layer.Norm("bn3", "out"),
        ]),
        Projection: new([Layer.Conv("downsample.0", "in", "out", kernel: 1, strided: true), Layer.Norm("downsample.1", "out")]),
        Residual: true);

    public override string Name => "resnet-bottleneck";

    public override IReadOnlyList<string> StemAxes { get; } = ["width"];

    public override IReadOnlyList<string> StageAxes(int stage) => ["width", "depth"];

    public override NetworkPlan Lower(Space space)
    {
        var stemWidth = new Channels(1, space.AxisOf("stem", "width"));
        var segments = new List<Segment> { Stem(space, stemWidth) };
        var @in = stemWidth;
        for (var i = 0; i < space.Strides.Count; i++)
        {
            var name = $"stage{i + 1}";
            var (widthAxis, depthAxis) = (space.AxisOf(name, "width"), space.AxisOf(name, "depth"));
            var (width, @out) = (new Channels(1, widthAxis), new Channels(Expansion, widthAxis));
            var blocks = Enumerable.Range(0, space.Axes[depthAxis].Max).Select(j => new Block(
                Bottleneck, $"layer{i + 1}.{j}", new([j == 0 ? @in : @out, width, @out]), Stride: j == 0 ? space.Strides[i] : 1, Project: j == 0));
            segments.Add(new(name, Tap: $"C{i + 2}", depthAxis, @out, blocks.ToEquatableArray()));
            @in = @out;
        }
        return new(space, segments.ToEquatableArray());
    }

    private static Segment Stem(Space space, Channels width)
    {
        IEnumerable<Layer> layers = space.LowResolutionStem
            ? [Layer.Conv("conv1", "in", "out", kernel: 3), Layer.Norm("bn1", "out"), Layer.Relu()]
            : [Layer.Conv("conv1", "in", "out", kernel: 7, stride: 2), Layer.Norm("bn1", "out"), Layer.Relu(), Layer.MaxPool("maxpool", kernel: 3, stride: 2)];
        var template = new BlockTemplate(
            "StemBlock", space.LowResolutionStem ? "Stem for small images: 3x3, no pooling." : "Stem: 7x7 / 2, then 3x3 max pooling / 2.",
            Ports: new(["in", "out"]), layers.ToEquatableArray(), Projection: default, Residual: false);
        var block = new Block(template, Key: "", new([Channels.Fixed(space.InputChannels), width]), Stride: 1, Project: false);
        return new("stem", Tap: "C1", DepthAxis: -1, width, new([block]));
    }
}
