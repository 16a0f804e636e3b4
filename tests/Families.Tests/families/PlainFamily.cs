using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Families;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

[assembly: Family(typeof(DataSsl.Families.Tests.PlainFamily))]

namespace DataSsl.Families.Tests;

/// <summary>
/// 3x3 convolutions behind one another, as in VGG (Simonyan and Zisserman 2015), each with BatchNorm and ReLU: a family that the generator
/// does not have.
/// </summary>
internal sealed class PlainFamily : Family
{
    private static readonly BlockTemplate Template = new(
        "PlainBlock", "A 3x3 convolution, which carries the stride.", Ports: new(["in", "out"]),
        new([new Branch(Layer.Conv("conv", "in", "out", kernel: 3, strided: true), Layer.BatchNorm("bn", "out"), Layer.Relu())]));

    public override string Name => "plain";

    public override IReadOnlyList<string> StemAxes { get; } = ["width"];

    public override IReadOnlyList<KeyScheme> Schemes => [KeyScheme.Own("stage1.0.conv.weight", @"(stem|stage\d{1,4})\..+")];

    public override IReadOnlyList<string> StageAxes(int stage) => ["width", "depth"];

    public override NetworkPlan Lower(Space space)
    {
        var @in = Quantity.Of(space.AxisOf("stem", "width"));
        var segments = new List<Segment>
        {
            new("stem", Tap: "", DepthAxis: -1, new([new Block(Template, "stem", new([space.InputChannels, @in]))])),
        };
        for (var i = 0; i < space.Strides.Count; i++)
        {
            var @out = Choice(space, i, "width");
            segments.Add(Stage(space, i, tap: $"C{i + 2}", Block(i, @in, @out, space.Strides[i]), Block(i, @out, @out, stride: 1)));
            @in = @out;
        }
        return new(space, segments.ToEquatableArray(), headKey: "fc");
    }

    private static Block Block(int stage, Quantity @in, Quantity @out, int stride) =>
        new(Template, $"stage{stage + 1}", new([@in, @out]), stride);
}
