using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Families;

/// <summary>
/// Residual networks (He et al. 2016) with torchvision's state-dict keys: a stem and stages of one kind of block. C1 is the stem's map, C2
/// to C5 the stages'.
/// </summary>
internal abstract class ResNet : Family
{
    public override IReadOnlyList<string> StemAxes { get; } = ["width"];

    /// <summary>torchvision's and timm's names are ours.</summary>
    public override IReadOnlyList<KeyScheme> Schemes => [KeyScheme.Own("conv1.weight", @"(conv1|bn1|layer\d{1,4})\..+")];

    /// <summary>The branch's layers; ports in, out and any of <see cref="PortsOf"/>'s between.</summary>
    protected abstract BlockTemplate Template { get; }

    /// <summary>Output channels of a stage's block for each of its width.</summary>
    protected abstract int Expansion { get; }

    /// <summary>The quantities of a block: input, what the template has between, output.</summary>
    protected abstract Quantity[] PortsOf(Quantity @in, Quantity width, Quantity @out);

    /// <summary>A projection where the stride or the width changes, as 1x1 convolution and BatchNorm under torchvision's keys.</summary>
    protected static BlockTemplate Residual(string name, string summary, string[] ports, params Layer[] layers) =>
        new(name, summary, new(ports), new(
    [
        new Branch(
            new(layers), Shortcut.Identity, Alternative: Shortcut.Projection,
            new([Layer.Conv("downsample.0", "in", "out", kernel: 1, strided: true), Layer.BatchNorm("downsample.1", "out")]),
            After: new([Layer.Relu()])),
    ]));

    public override NetworkPlan Lower(Space space)
    {
        var width = Quantity.Of(space.AxisOf("stem", "width"));
        var segments = new List<Segment> { Stem(space, width) };
        var @in = width;
        for (var i = 0; i < space.Strides.Count; i++)
        {
            // A stage without a width of its own has the one before it: block 0 then needs no projection, as ResNet18's first stage.
            if (StageAxes(i).Contains("width")) width = Choice(space, i, "width");
            var @out = Expansion * width;
            segments.Add(
                Stage(space, i, tap: $"C{i + 2}", Block(i, @in, width, @out, space.Strides[i]), Block(i, @out, width, @out, stride: 1)));
            @in = @out;
        }
        return new(space, segments.ToEquatableArray(), headKey: "fc");
    }

    private Block Block(int stage, Quantity @in, Quantity width, Quantity @out, int stride) => new(
        Template, $"layer{stage + 1}", new(PortsOf(@in, width, @out)), stride, stride == 1 && @in == @out
            ? Shortcut.Identity
            : Shortcut.Projection);

    private static Segment Stem(Space space, Quantity width)
    {
        Layer[] layers = space.LowResolutionStem
            ? [Layer.Conv("conv1", "in", "out", kernel: 3), Layer.BatchNorm("bn1", "out"), Layer.Relu()]
            :
            [
                Layer.Conv("conv1", "in", "out", kernel: 7, stride: 2), Layer.BatchNorm("bn1", "out"), Layer.Relu(),
                Layer.MaxPool("maxpool", kernel: 3, stride: 2),
            ];
        var template = new BlockTemplate(
            "StemBlock", space.LowResolutionStem ? "Stem for small images: 3x3, no pooling." : "Stem: 7x7 / 2, then 3x3 max pooling / 2.",
            Ports: new(["in", "out"]), new([new Branch(layers)]));
        return new("stem", Tap: "C1", DepthAxis: -1, new([new Block(template, Container: "", new([space.InputChannels, width]))]));
    }
}
