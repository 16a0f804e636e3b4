using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

[assembly: DataSsl.Generator.Families.Family(typeof(DataSsl.Generator.Families.MobileNetV2))]

namespace DataSsl.Generator.Families;

/// <summary>
/// Inverted residuals with depthwise convolutions (Sandler et al. 2018) and torchvision's state-dict keys: a stage is a row t, c, n, s of
/// the paper's Table 2. The first row has no expansion (t = 1) and hence no expanding convolution.
/// </summary>
/// <remarks>
/// Blocks after a stage's first add their input; the first never does, even where an architecture happens to give it as many channels as it
/// takes, since the structure must not depend on the architecture. MobileNetV2 itself has no such block.
/// </remarks>
internal sealed class MobileNetV2 : Family
{
    /// <summary>Channels of the last 1x1 convolution, and so of the embedding.</summary>
    private const int LastWidth = 1280;

    /// <summary>One Sequential holds stem, blocks and last convolution, one behind the other.</summary>
    private const string Container = "features";

    private static readonly BlockTemplate Separable = new(
        "SeparableBlock", "Depthwise convolution (which carries the stride), then a linear 1x1.", Ports: new(["in", "kernel", "out"]),
        Linear([.. Depthwise("conv.0", "in"), Layer.Conv("conv.1", "in", "out", kernel: 1), Layer.BatchNorm("conv.2", "out")]));

    private static readonly BlockTemplate Inverted = new(
        "InvertedResidual", "Inverted residual: 1x1 expansion, depthwise convolution (which carries the stride), linear 1x1.",
        Ports: new(["in", "hidden", "kernel", "out"]),
        Linear(
            [
                .. Pointwise("conv.0.", "in", "hidden"),.. Depthwise("conv.1", "hidden"), Layer.Conv("conv.2", "hidden", "out", kernel: 1),
                Layer.BatchNorm("conv.3", "out"),
            ]));

    public override string Name => "mobilenet-v2";

    /// <summary>torchvision's names are ours; timm's.</summary>
    public override IReadOnlyList<KeyScheme> Schemes =>
    [
        KeyScheme.Own("features.0.0.weight", @"features\..+"),
        new(
            "conv_stem.weight", (@"conv_stem\.(.+)", "features.0.0.$1"), (@"bn1\.(.+)", "features.0.1.$1"),
            (@"blocks\.0\.(\d{1,4})\.conv_dw\.(.+)", "features.#0.$1.conv.0.0.$2"),
            (@"blocks\.0\.(\d{1,4})\.bn1\.(.+)", "features.#0.$1.conv.0.1.$2"),
            (@"blocks\.0\.(\d{1,4})\.conv_pw\.(.+)", "features.#0.$1.conv.1.$2"),
            (@"blocks\.0\.(\d{1,4})\.bn2\.(.+)", "features.#0.$1.conv.2.$2"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.conv_pw\.(.+)", "features.#$1.$2.conv.0.0.$3"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.bn1\.(.+)", "features.#$1.$2.conv.0.1.$3"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.conv_dw\.(.+)", "features.#$1.$2.conv.1.0.$3"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.bn2\.(.+)", "features.#$1.$2.conv.1.1.$3"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.conv_pwl\.(.+)", "features.#$1.$2.conv.2.$3"),
            (@"blocks\.(\d{1,4})\.(\d{1,4})\.bn3\.(.+)", "features.#$1.$2.conv.3.$3"),
            (@"(blocks\..+)", "$1"), (@"conv_head\.(.+)", "features.#last.0.$1"), (@"bn2\.(.+)", "features.#last.1.$1")),
    ];

    public override IReadOnlyList<string> StemAxes { get; } = ["width"];

    public override IReadOnlyList<string> StageAxes(int stage) =>
        stage == 0 ? ["kernel", "width", "depth"] : ["expansion", "kernel", "width", "depth"];

    public override NetworkPlan Lower(Space space)
    {
        var @in = Quantity.Of(space.AxisOf("stem", "width"));
        var segments = new List<Segment> { Stem(space, @in) };
        for (var i = 0; i < space.Strides.Count; i++)
        {
            var @out = Choice(space, i, "width");
            segments.Add(
                Stage(space, i, Tap(space, i), Block(space, i, @in, @out, Shortcut.None), Block(space, i, @out, @out, Shortcut.Identity)));
            @in = @out;
        }
        var last = new BlockTemplate(
            "LastBlock", "The last 1x1 convolution.", Ports: new(["in", "out"]), new([new Branch(Pointwise("", "in", "out"))]));
        segments.Add(new("head", Tap: "C5", DepthAxis: -1, new([new Block(last, Container, new([@in, LastWidth]))])));
        return new(space, segments.ToEquatableArray(), headKey: "classifier.1");
    }

    private static Segment Stem(Space space, Quantity width)
    {
        var stride = space.LowResolutionStem ? 1 : 2;
        var template = new BlockTemplate(
            "StemBlock", stride == 1 ? "Stem for small images: 3x3." : "Stem: 3x3 / 2.", Ports: new(["in", "out"]),
            new([new Branch(Layer.Conv("0", "in", "out", kernel: 3, stride), Layer.BatchNorm("1", "out"), Layer.Relu6("2"))]));
        return new("stem", Tap: "", DepthAxis: -1, new([new Block(template, Container, new([space.InputChannels, width]))]));
    }

    private static Block Block(Space space, int stage, Quantity @in, Quantity @out, Shortcut shortcut)
    {
        var stride = shortcut == Shortcut.None ? space.Strides[stage] : 1;
        var kernel = Choice(space, stage, "kernel");
        return stage == 0
            ? new(Separable, Container, new([@in, kernel, @out]), stride, shortcut)
            : new(Inverted, Container, new([@in, Choice(space, stage, "expansion") * @in, kernel, @out]), stride, shortcut);
    }

    /// <summary>C5 is the network's last map; C4, C3, … are what comes before each stride, counted from the end.</summary>
    private static string Tap(Space space, int stage)
    {
        if (stage + 1 == space.Strides.Count || space.Strides[stage + 1] == 1) return "";
        var level = 5 - space.Strides.Skip(stage + 1).Count(s => s > 1);
        return level >= 1 ? $"C{level}" : "";
    }

    private static Layer[] Pointwise(string path, string @in, string @out) =>
        [Layer.Conv($"{path}0", @in, @out, kernel: 1), Layer.BatchNorm($"{path}1", @out), Layer.Relu6($"{path}2")];

    private static Layer[] Depthwise(string path, string port) =>
        [Layer.Depthwise($"{path}.0", port, "kernel", strided: true), Layer.BatchNorm($"{path}.1", port), Layer.Relu6($"{path}.2")];

    private static EquatableArray<Branch> Linear(Layer[] layers) =>
        new([new Branch(new(layers), Shortcut.None, Alternative: Shortcut.Identity)]);
}
