using DataSsl.Runtime;
using DataSsl.Search.Candidates;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Walk;

public sealed class WalkMemoryTests
{
    private static readonly WalkMemory Memory = new(DataResNet.Space, [SearchTask.Classification], 224);
    private static readonly CandidateSet Max = CandidateSet.Among([DataResNet.Space.Max], [Budget.All], 224, "Max");

    /// <summary>
    /// By hand for Max and 64 images: stage 1's first block is the fullest. On the path lie the stem's 64 channels of 56 x 56; beside them two convolutions of 80 channels, the third's 320 and the
    /// projection's 320, which takes 64 channels in and 320 out for its images at once, and 20,480 weights.
    /// </summary>
    [Theory]
    [InlineData(64)]
    [InlineData(8)]
    public void ThePeakIsThatCountedByHand(int atOnce)
    {
        const long map = 56 * 56;
        var parts = atOnce < 64 ? 320L * atOnce * map : 0;
        var block = 64 * (64 + 80 + 80 + 320 + 320) * map + (320 + 320) * map * atOnce + parts + 320L * 64;
        // The stem holds more: 64 channels of 112 x 112, a quarter of it pooled with 64-bit positions, the convolution's working memory.
        var stem = Math.Max(64 * 64L * 4 * map + (3 * 16 * map + 64 * 4 * map) * atOnce + (atOnce < 64 ? 64 * 4 * map * atOnce : 0) + 3 * 64 * 49, 64 * 64 * map * (4 + 1 + 2));
        Assert.InRange(Memory.Peak(Max, 64, atOnce), 4 * Math.Max(block, stem), 4 * Math.Max(block, stem) * 1.05);
    }

    [Fact]
    public void FewerAtOnceFitIntoLess()
    {
        var (all, one) = (Memory.Peak(Max, 64, 64), Memory.Peak(Max, 64, 1));
        Assert.True(one < all);
        Assert.Equal(64, Memory.AtOnce(Max, 64, all));
        var between = Memory.AtOnce(Max, 64, (all + one) / 2);
        Assert.InRange(between, 1, 63);
        Assert.True(Memory.Peak(Max, 64, between) <= (all + one) / 2);
        var error = Assert.Throws<UserException>(() => Memory.AtOnce(Max, 64, one / 2)).Message;
        var fewer = int.Parse(System.Text.RegularExpressions.Regex.Match(error, @"give --images (\d+) or fewer").Groups[1].Value);
        Assert.True(Memory.Peak(Max, fewer, 1) <= one / 2);
    }
}
