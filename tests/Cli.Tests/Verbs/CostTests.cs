namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class CostTests
{
    [Fact]
    public void ResNet50IsThatOfTheLiterature()
    {
        var facts = Command.Succeed(
            "cost", "--space", "DataResNet", "--width", "64,64,128,256,512", "--depth", "3,4,6,3", "--size", "224", "--json").Json;
        Assert.Equal("stem=64 stage1=64x3 stage2=128x4 stage3=256x6 stage4=512x3", (string)facts["architecture"]!);
        Assert.Equal(
            (4_087_136_256, 23_454_912, 23_508_032), ((long)facts["macs"]!, (long)facts["convWeights"]!, (long)facts["parameters"]!));
        Assert.False((bool)facts["onGrid"]!);
    }

    [Theory]
    [InlineData("Max", 15_512_010_752, 84_617_408)]
    [InlineData("Min", 1_665_441_792, 9_703_008)]
    [InlineData("ResNet50", 4_087_136_256, 23_454_912)]
    public void NamedArchitectures(string name, long macs, long weights)
    {
        var facts = Command.Succeed("cost", "--space", "dataresnet", "--arch", name, "--json").Json;
        Assert.Equal((macs, weights), ((long)facts["macs"]!, (long)facts["convWeights"]!));
    }

    [Fact]
    public void TextIsForPeople() => Assert.Equal(
        "stem=64 stage1=64x3 stage2=128x4 stage3=256x6 stage4=512x3\n4,087,136,256 MACs at 224 px, 23,454,912 convolution weights, "
            + "23,508,032 parameters, off the grid\n",
        Command.Succeed("cost", "--space", "DataResNet", "--arch", "resnet50").Output);

    [Theory]
    [InlineData("--space is missing", "--arch", "Max")]
    [InlineData("unknown space 'Nope'; compiled are ", "--space", "Nope", "--arch", "Max")]
    [InlineData("'nonsense' is not an architecture of Demo", "--space", "Demo", "--arch", "nonsense")]
    [InlineData("'#3888' is not an architecture of Demo: give Middle, Max, Min, '#0' to '#3887', or", "--space", "Demo", "--arch", "#3888")]
    [InlineData("--size 7 is too small for Demo", "--space", "Demo", "--arch", "Max", "--size", "7")]
    [InlineData("--size -5: give a whole number from 1 to 8192", "--space", "Demo", "--arch", "Max", "--size", "-5")]
    [
        InlineData(
            "--width needs 5 values (stem, stage1, stage2, stage3, stage4), not 4", "--space", "Demo", "--width", "16,8,16,32", "--depth",
            "1,1,1,1"),
    ]
    [
        InlineData(
            "--depth needs 4 values (stage1, stage2, stage3, stage4), not 5", "--space", "Demo", "--width", "16,8,16,32,64", "--depth",
            "1,1,1,1,1"),
    ]
    [InlineData("--depth: 'x' is not a whole number", "--space", "Demo", "--width", "16,8,16,32,64", "--depth", "1,1,x,1")]
    [InlineData("--depth: '-1' is not a whole number", "--space", "Demo", "--width", "16,8,16,32,64", "--depth", "1,1,-1,1")]
    [
        InlineData(
            "Demo: stage3 depth 9 is out of range: the supernet holds 1 to 3", "--space", "Demo", "--width", "16,8,16,32,64", "--depth",
            "1,1,9,1"),
    ]
    [
        InlineData(
            "Demo: stage4 width 193 is out of range: the supernet holds 1 to 192", "--space", "Demo", "--width", "16,8,16,32,193",
            "--depth", "1,1,1,1"),
    ]
    [InlineData("--arch", "--space", "Demo")]
    [InlineData("--depth is missing", "--space", "Demo", "--width", "16,8,16,32,64")]
    [InlineData("give --arch or --width and --depth, not both", "--space", "Demo", "--arch", "Max", "--width", "16,8,16,32,64")]
    public void BadInputIsOneLine(string start, params string[] arguments) =>
        Assert.StartsWith(start, Command.Refuse(["cost", .. arguments]));
}
