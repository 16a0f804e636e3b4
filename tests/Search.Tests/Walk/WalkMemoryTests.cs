using DataSsl.Runtime;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Walk;

public sealed class WalkMemoryTests
{
    private static readonly WalkMemory Memory = new(DataResNet.Space, [SearchTask.Classification], 224);
    private static readonly CandidateSet Max = CandidateSet.Among([DataResNet.Space.Max], [Budget.All], 224, "Max");

    /// <summary>
    /// By hand for Max and 64 images: stage 1's first block is the fullest. On the path lie the stem's 64 channels of 56 x 56; beside them
    /// two convolutions of 80 channels, the third's 320 and the projection's 320, which takes 64 channels in and 320 out for its images at
    /// once, and 20,480 weights. Every kernel is held as a copy.
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
        var stem = Math.Max(
            64 * 64L * 4 * map + (3 * 16 * map + 64 * 4 * map) * atOnce + (atOnce < 64 ? 64 * 4 * map * atOnce : 0) + 3 * 64 * 49,
            64 * 64 * map * (4 + 1 + 2));
        var peak = 4 * (Math.Max(block, stem) + Kernels(3, 64, 7)
            + Enumerable.Range(0, 4)
                .Sum(
                    stage =>
                        Stage(new[] { 64L, 320, 640, 1280 }[stage], new[] { 80L, 160, 320, 640 }[stage], new[] { 4, 6, 29, 4 }[stage])));
        Assert.InRange(Memory.Peak(Max, 64, atOnce), peak, peak * 1.05);

        static long Kernels(long @in, long @out, long side) => @in * @out * side * side;
        static long Stage(long @in, long width, int depth) =>
            Kernels(@in, width, 1) + Kernels(@in, 4 * width, 1) + Kernels(width, width, 3) * depth
                + Kernels(width, 4 * width, 1) * (2 * depth - 1);
    }

    /// <summary>A narrower last stage brings its kernels, and the ones before serve both.</summary>
    [Fact]
    public void KernelsOfEachWidthAreHeldOnce()
    {
        string narrow = DataResNet.Space.Max.ToString().Replace("stage4=640x4", "stage4=384x2"), shallow = narrow.Replace("384x2", "384x3");
        var one = Memory.Peak(Max, 64, 64);
        var two = Memory.Peak(
            CandidateSet.Among(
                [DataResNet.Space.Max, DataResNet.Space.Parse(narrow), DataResNet.Space.Parse(shallow)], [Budget.All], 224, "list"),
            64, 64);
        const long first = 1280 * 384 + 1280 * 1536 + 384 * 384 * 9 + 384 * 1536, others = 1536 * 384 + 384 * 384 * 9 + 384 * 1536;
        Assert.InRange(two - one, 4 * (first + 3 * others), 4 * (first + 3 * others) + 10_000);
    }

    /// <summary>The neck's first matrix is laid out for both lengths of the embedding, 2560 and 1536, its second once.</summary>
    [Fact]
    public void TheNeckIsHeldForEachLengthOfTheEmbedding()
    {
        var widths = CandidateSet.Among(
            [DataResNet.Space.Max, DataResNet.Space.Parse(DataResNet.Space.Max.ToString().Replace("stage4=640x4", "stage4=384x4"))],
            [Budget.All], 224, "list");
        var with = new WalkMemory(DataResNet.Space, [SearchTask.Classification], 224) { Neck = new([2048], 128) };
        Assert.Equal(4 * (2048L * (2560 + 1536) + 2048 * 128), with.Peak(widths, 64, 64) - Memory.Peak(widths, 64, 64));
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
