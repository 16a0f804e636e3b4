namespace DataSsl.Runtime.Tests;

/// <summary>Numbers as programs write them, within what a setting takes.</summary>
public sealed class BoundsTests
{
    private static readonly Bounds<double> any = new(double.MinValue, double.MaxValue);
    private static readonly Bounds<int> few = new(1, 1024);

    [Theory]
    [InlineData("0.05", 0.05)]
    [InlineData("-3", -3)]
    [InlineData("1e-4", 1e-4)]
    [InlineData("+2.5E3", 2500)]
    [InlineData("0", 0)]
    public void A_plain_number_is_read(string text, double expected)
    {
        Assert.True(any.TryRead(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("0,05")]
    [InlineData("1,000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1e400")]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("١")]
    [InlineData("0x1")]
    [InlineData("1e")]
    [InlineData("1_000")]
    [InlineData("(1)")]
    public void What_is_none_is_refused(string text)
    {
        Assert.False(any.TryRead(text, out _));
        Assert.False(few.TryRead(text, out _));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("1024", true)]
    [InlineData("0", false)]
    [InlineData("1025", false)]
    [InlineData("2147483648", false)]
    [InlineData("1.0", false)]
    [InlineData("1e2", false)]
    public void A_whole_number_lies_within_its_bounds(string text, bool holds) => Assert.Equal(holds, few.TryRead(text, out _));

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(1, true, false)]
    [InlineData(0.5, true, true)]
    [InlineData(double.NaN, false, false)]
    [InlineData(double.PositiveInfinity, false, false)]
    public void Ends_are_left_out_where_they_are_said_to_be(double value, bool above, bool below)
    {
        Assert.Equal(above, new Bounds<double>(0, 1) { IsAbove = true }.Holds(value));
        Assert.Equal(below, new Bounds<double>(0, 1) { IsBelow = true }.Holds(value));
    }

    [Fact]
    public void Words_say_the_ends()
    {
        Assert.Equal("threads 0: give a whole number from 1 to 1024", few.Problem("threads", 0));
        Assert.Null(few.Problem("threads", 1));
        Assert.Equal(
            "batch 1: give a whole number from 2 to 8; BatchNorm needs more",
            (new Bounds<int>(2, 8) { Reason = "BatchNorm needs more" }).Problem("batch", 1));
        Assert.Equal("a number above 0 and up to 0.5", $"{new Bounds<double>(0, 0.5) { IsAbove = true }}");
        Assert.Equal("a number from 0 to below 1", $"{new Bounds<double>(0, 1) { IsBelow = true }}");
        Assert.Equal("a whole number", $"{new Bounds<long>(long.MinValue, long.MaxValue)}");
    }
}
