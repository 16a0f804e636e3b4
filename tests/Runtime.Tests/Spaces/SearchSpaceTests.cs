using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Tests.Spaces;

/// <summary>The grid of a space, its index, its draws and the texts that name architectures.</summary>
public sealed class SearchSpaceTests
{
    private static readonly SearchSpace Space = Tiny.Space;

    [Fact]
    public void Every_architecture_of_the_grid_has_its_own_index_and_text()
    {
        Assert.Equal(48, Space.Count);
        var all = Space.All().ToList();
        Assert.Equal(48, all.Distinct().Count());
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(i, Space.IndexOf(all[i]));
            Assert.Equal(all[i], Space.FromIndex(i));
            Assert.Equal(all[i], Space.Parse(all[i].ToString()));
            Assert.Equal(all[i].GetHashCode(), Space.FromIndex(i).GetHashCode());
            Assert.True(Space.IsOnGrid(all[i]));
        }
        Assert.Equal(Space.Min, all[0]);
        Assert.Equal(Space.Max, all[^1]);
    }

    [Fact]
    public void Draws_are_uniform_over_the_grid()
    {
        const int draws = 48 * 400;
        var counts = new int[Space.Count];
        for (var i = 0; i < draws; i++)
        {
            var random = CounterRandom.For(1, "architectures", i);
            counts[Space.IndexOf(Space.Sample(ref random))]++;
        }
        var expected = draws / (double)counts.Length;
        var chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);
        // 47 degrees of freedom: 99.9 % of fair draws lie below 82.7, and 0.1 % below 21.
        Assert.InRange(chiSquare, 21, 82.7);
    }

    [Theory]
    [InlineData("Max", "stem=16 stage1=8x2 stage2=16x2")]
    [InlineData("min", "stem=8 stage1=4x1 stage2=8x1")]
    [InlineData(" half ", "stem=8 stage1=4x2 stage2=6x1")]
    [InlineData("#0", "stem=8 stage1=4x1 stage2=8x1")]
    [InlineData("#47", "stem=16 stage1=8x2 stage2=16x2")]
    [InlineData("  stem=3   stage2=5x2\tstage1=4x1 ", "stem=3 stage1=4x1 stage2=5x2")]
    public void Every_form_of_text_is_read(string text, string canonical) => Assert.Equal(canonical, Space.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("Middle")]
    [InlineData("#")]
    [InlineData("#-1")]
    [InlineData("#48")]
    [InlineData("#99999999999999999999")]
    [InlineData("stem=8")]
    [InlineData("stem=8 stage1=4x1")]
    [InlineData("stem=8 stem=8 stage2=8x1")]
    [InlineData("stem=8 stage1=4x1 stage2=8x1 stage3=8x1")]
    [InlineData("stem=8x1 stage1=4x1 stage2=8x1")]
    [InlineData("stem=8 stage1=4 stage2=8x1")]
    [InlineData("stem=8 stage1=4x stage2=8x1")]
    [InlineData("stem=8 stage1=4xx1 stage2=8x1")]
    [InlineData("stem=+8 stage1=4x1 stage2=8x1")]
    [InlineData("stem=8=8 stage1=4x1 stage2=8x1")]
    [InlineData("stem=99999999999 stage1=4x1 stage2=8x1")]
    [InlineData("stem=17 stage1=4x1 stage2=8x1")]
    [InlineData("stem=8 stage1=4x3 stage2=8x1")]
    [InlineData("stem=8 stage1=4x0 stage2=8x1")]
    public void Any_other_text_is_refused_in_one_line_that_names_the_space(string text)
    {
        var e = Assert.Throws<UserException>(() => Space.Parse(text));
        Assert.Contains("Tiny", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void An_architecture_off_the_grid_is_legal_but_has_no_index()
    {
        var half = Space.Parse("Half");
        Assert.False(Space.IsOnGrid(half));
        Assert.Throws<InvalidOperationException>(() => Space.IndexOf(half));
    }

    [Fact]
    public void An_architecture_does_not_change_with_the_array_that_it_was_made_from()
    {
        int[] choices = [8, 4, 1, 8, 1];
        var architecture = new Architecture(Space, choices);
        choices[0] = 16;
        Assert.Equal(Space.Min, architecture);
    }

    [Fact]
    public void Architectures_of_two_spaces_do_not_mix()
    {
        Assert.NotEqual(Space.Min, Other.Space.Min);
        Assert.Throws<ArgumentException>(() => (Tiny.Arch)Other.Space.Min);
        Assert.Throws<UserException>(() => new Architecture(Space, 8, 4, 1));
    }
}
