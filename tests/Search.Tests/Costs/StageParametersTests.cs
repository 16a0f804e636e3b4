using DataSsl.Search.Costs;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Costs;

/// <summary>Parameters by the half of the network, against those of ResNet18's and MobileNetV2's layers counted by hand.</summary>
public sealed class StageParametersTests
{
    /// <summary>A block of c channels has two convolutions of 9 c^2 and two norms of 2 c; where it widens to d, 9 c d, 9 d^2, c d and three
    /// norms of 2 d.</summary>
    [Fact]
    public void Those_of_ResNet18_are_its_layers()
    {
        var of = StageParameters.Of(BasicResNet.Space.Parse("ResNet18"));
        Assert.Equal((3 * 64 * 49) + 128 + (2 * Block(64)) + Widening(64) + Block(128), of.Early);
        Assert.Equal(Widening(128) + Block(256) + Widening(256) + Block(512), of.Late);
        Assert.Equal(11_176_512, of.Total);
        Assert.Equal((double)of.Early / of.Late, of.Ratio);

        static long Block(long c) => (18 * c * c) + (4 * c);
        static long Widening(long c) => (18 * c * c) + (36 * c * c) + (2 * c * c) + (3 * 4 * c);
    }

    /// <summary>Of seven rows three are early, and the last convolution is late.</summary>
    [Fact]
    public void Of_an_odd_number_of_stages_the_middle_one_is_late()
    {
        var space = MobileNets.Space;
        var (more, same) = (Changed("stage4=6x3x64x3"), Changed("stage3=6x3x32x2"));
        var whole = StageParameters.Of(space.Parse("MobileNetV2"));
        Assert.Equal(space.Parameters(space.Parse("MobileNetV2")), whole.Total);
        Assert.True(more.Early == whole.Early && more.Late < whole.Late);
        Assert.True(same.Early < whole.Early && same.Late == whole.Late);

        StageParameters Changed(string stage)
        {
            var words = $"{space.Parse("MobileNetV2")}".Split(' ');
            return StageParameters.Of(
                space.Parse(string.Join(' ', words.Select(word => word.StartsWith(stage[..7], StringComparison.Ordinal) ? stage : word))));
        }
    }
}
