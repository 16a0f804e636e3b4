using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Curation;

public sealed class CropSearchTests
{
    private const int Side = 96;

    /// <summary>Parts of a picture of blots, in other light, lie on it wherever they were cut; mirrored ones are told.</summary>
    [Theory]
    [InlineData(0, 0, 96, 96, false)]
    [InlineData(20, 9, 60, 60, true)]
    [InlineData(5, 40, 52, 52, false)]
    [InlineData(30, 10, 56, 64, true)]
    public void A_part_is_found_where_it_was_cut(int left, int top, int width, int height, bool isMirrored)
    {
        var whole = Blots(1);
        var part = Made(
            width, height, (x, y) => (byte)(40 + 0.6 * At(whole, left + (isMirrored ? width - 1 - x : x), top + y)));
        var match = Match(part, whole);
        Assert.InRange(match.Likeness, 0.97, 1.0001);
        Assert.InRange(match.Details, 0.7, 1.0001);
        Assert.Equal(isMirrored, match.IsMirrored);
    }

    /// <summary>The best of all places on another picture is still not good, whatever the picture.</summary>
    [Fact]
    public void What_is_cut_from_another_picture_does_not_lie_on_this()
    {
        for (var i = 0; i < 20; i++)
        {
            var match = Match(Blots(2 + i), Blots(1));
            Assert.False(match.Likeness >= 0.95 && match.Details >= 0.5, $"{i}: {match}");
        }
    }

    /// <summary>One straight scratch is like any other in its correlation, and has no details of its own.</summary>
    [Fact]
    public void Straight_lines_are_no_details()
    {
        var (one, other) = (Scratch(3, 30), Scratch(4, 44));
        var match = Match(one, other);
        Assert.InRange(match.Likeness, 0.8, 1);
        Assert.InRange(match.Details, -1, 0.3);
    }

    [Fact]
    public void What_is_even_lies_on_nothing()
    {
        Assert.Equal(0, Match(Made(Side, Side, (_, _) => 90), Blots(1)).Details);
        Assert.Equal(0, Match(Blots(1), Made(Side, Side, (_, _) => 90)).Details);
    }

    private static CropMatch Match(Image part, Image whole) => new CropSearch(Grey(part)).In(() => whole, Grey(whole));

    private static float[] Grey(Image image)
    {
        var grey = new float[Thumbnail.Pixels];
        Thumbnail.Write(image, grey);
        return grey;
    }

    private static Image Blots(int seed)
    {
        var random = CounterRandom.For(4, "blots", seed);
        var blots = Enumerable.Range(0, 60).Select(_ => (
            X: random.Between(0, Side), Y: random.Between(0, Side), Radius: random.Between(1.5, 9), Value: random.Between(-90, 90)))
            .ToArray();
        return Made(Side, Side, (x, y) => (byte)Math.Clamp(
            128 + blots.Sum(b => b.Value * Math.Exp(-(Math.Pow(x - b.X, 2) + Math.Pow(y - b.Y, 2)) / (2 * b.Radius * b.Radius))), 0, 255));
    }

    /// <summary>A bright line from top to bottom on grain.</summary>
    private static Image Scratch(int seed, int at)
    {
        var random = CounterRandom.For(4, "scratch", seed);
        var grain = Enumerable.Range(0, Side * Side).Select(_ => random.Between(-12, 12)).ToArray();
        return Made(Side, Side, (x, y) => (byte)(80 + (Math.Abs(x - at) < 3 ? 120 : 0) + grain[y * Side + x]));
    }

    private static byte At(Image image, int x, int y) => image.Rgb.Span[3 * (y * image.Width + x)];

    private static Image Made(int width, int height, Func<int, int, byte> value) =>
        new(width, height, Enumerable.Range(0, 3 * width * height).Select(i => value(i / 3 % width, i / 3 / width)).ToArray());
}
