using System.Collections.Generic;
using DataSsl.Generator.Plan;

[assembly: DataSsl.Generator.Families.Family(typeof(DataSsl.Generator.Families.ResNetBasic))]

namespace DataSsl.Generator.Families;

/// <summary>
/// Residual networks of two 3x3 convolutions a block: ResNet18 and ResNet34. The first stage has the stem's width, as theirs has, so that
/// its first block adds its input unprojected and torchvision's weights fit key by key.
/// </summary>
internal sealed class ResNetBasic : ResNet
{
    public override string Name => "resnet-basic";

    protected override int Expansion => 1;

    protected override BlockTemplate Template { get; } = Residual(
        "BasicBlock", "Basic block: 3x3 (which carries the stride), 3x3, added to the shortcut.", ["in", "out"],
        Layer.Conv("conv1", "in", "out", kernel: 3, strided: true), Layer.BatchNorm("bn1", "out"), Layer.Relu(),
        Layer.Conv("conv2", "out", "out", kernel: 3), Layer.BatchNorm("bn2", "out"));

    public override IReadOnlyList<string> StageAxes(int stage) => stage == 0 ? ["depth"] : ["width", "depth"];

    public override bool Owns(ICollection<string> keys) =>
        keys.Contains("layer1.0.conv2.weight") && !keys.Contains("layer1.0.conv3.weight");

    protected override Quantity[] PortsOf(Quantity @in, Quantity width, Quantity @out) => [@in, @out];
}
