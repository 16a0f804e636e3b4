using System.Collections.Generic;
using DataSsl.Generator.Plan;

[assembly: DataSsl.Generator.Families.Family(typeof(DataSsl.Generator.Families.ResNetBottleneck))]

namespace DataSsl.Generator.Families;

/// <summary>
/// Bottleneck residual networks with the stride in the 3x3: ResNet50 and deeper. A bottleneck width w gives a stage 4w output channels.
/// DATA, Table 1, is a space of this family.
/// </summary>
internal sealed class ResNetBottleneck : ResNet
{
    public override string Name => "resnet-bottleneck";

    protected override int Expansion => 4;

    protected override BlockTemplate Template { get; } = Residual(
        "Bottleneck", "Bottleneck block: 1x1, 3x3 (which carries the stride), 1x1, added to the shortcut.", ["in", "width", "out"],
        Layer.Conv("conv1", "in", "width", kernel: 1), Layer.BatchNorm("bn1", "width"), Layer.Relu(),
        Layer.Conv("conv2", "width", "width", kernel: 3, strided: true), Layer.BatchNorm("bn2", "width"), Layer.Relu(),
        Layer.Conv("conv3", "width", "out", kernel: 1), Layer.BatchNorm("bn3", "out"));

    public override IReadOnlyList<string> StageAxes(int stage) => ["width", "depth"];

    public override bool Owns(ICollection<string> keys) => keys.Contains("layer1.0.conv3.weight");

    protected override Quantity[] PortsOf(Quantity @in, Quantity width, Quantity @out) => [@in, width, @out];
}
