using DataSsl.Runtime;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Costs;

public sealed class BudgetTests
{
    [Theory]
    [InlineData("medium")]
    [InlineData(" Medium ")]
    [InlineData("10-20M")]
    public void TakesTheNamesThatTheSpaceFileGives(string text) => Assert.Equal(Budget.Parse("10-20M"), Budget.Of(Demo.Space, text));

    [Theory]
    [InlineData("3-4G", Measure.Macs, 3_000_000_000, 4_000_000_000, "3-4G", "3G")]
    [InlineData(" 3 - 4 G ", Measure.Macs, 3_000_000_000, 4_000_000_000, "3-4G", "3G")]
    [InlineData("macs=10-20m", Measure.Macs, 10_000_000, 20_000_000, "10-20M", "10to20M")]
    [InlineData("0.5-2G", Measure.Macs, 500_000_000, 2_000_000_000, "0.5-2G", "0_5to2G")]
    [InlineData("1.5-2.5G", Measure.Macs, 1_500_000_000, 2_500_000_000, "1.5-2.5G", "1_5to2_5G")]
    [InlineData("500-800k", Measure.Macs, 500_000, 800_000, "500-800K", "500to800K")]
    [InlineData("0.2-0.7K", Measure.Macs, 200, 700, "0.2-0.7K", "0_2to0_7K")]
    [InlineData("900-1000M", Measure.Macs, 900_000_000, 1_000_000_000, "0.9-1G", "0_9to1G")]
    [InlineData("0-4G", Measure.Macs, 0, 4_000_000_000, "0-4G", "0to4G")]
    [InlineData("<=4G", Measure.Macs, 0, 4_000_000_001, "<=4G", "Upto4G")]
    [InlineData("<= 0.5K", Measure.Macs, 0, 501, "<=0.5K", "Upto0_5K")]
    [InlineData("params<=25M", Measure.Parameters, 0, 25_000_001, "params<=25M", "ParamsUpto25M")]
    [InlineData("parameters=10-25M", Measure.Parameters, 10_000_000, 25_000_000, "params=10-25M", "Params10to25M")]
    [InlineData("memory<=1.5M", Measure.Memory, 0, 1_500_001, "memory<=1.5M", "MemoryUpto1_5M")]
    [InlineData("latency<=12ms", Measure.Latency, 0, 12_000_001, "latency<=12ms", "LatencyUpto12ms")]
    [InlineData("<=0.25ms", Measure.Latency, 0, 250_001, "latency<=0.25ms", "LatencyUpto0_25ms")]
    [InlineData("8-12ms", Measure.Latency, 8_000_000, 12_000_000, "latency=8-12ms", "Latency8to12ms")]
    [InlineData("latency = 800-1200 ms", Measure.Latency, 800_000_000, 1_200_000_000, "latency=800-1200ms", "Latency800to1200ms")]
    [InlineData("params=25-26M", Measure.Parameters, 25_000_000, 26_000_000, "params=25-26M", "Params25M")]
    [InlineData("latency@folded<=12ms", Measure.Latency, 0, 12_000_001, "latency<=12ms", "LatencyUpto12ms")]
    [InlineData(
        "latency@csharp=8-12ms", Measure.Latency, 8_000_000, 12_000_000, "latency@csharp=8-12ms", "LatencyCSharp8to12ms",
        LatencyForm.CSharp)]
    [InlineData(
        "latency@csharp-int8 <= 5ms", Measure.Latency, 0, 5_000_001, "latency@csharp-int8<=5ms", "LatencyCSharpInt8Upto5ms",
        LatencyForm.CSharpInt8)]
    [InlineData(
        "latency@int8<=5ms", Measure.Latency, 0, 5_000_001, "latency@csharp-int8<=5ms", "LatencyCSharpInt8Upto5ms", LatencyForm.CSharpInt8)]
    public void ParsesAndPrints(
        string text, Measure measure, long from, long to, string canonical, string identifier, LatencyForm form = LatencyForm.Folded)
    {
        var budget = Budget.Parse(text);
        Assert.Equal(new(measure, from, to, form), budget);
        Assert.Equal(canonical, budget.ToString());
        Assert.Equal(budget, Budget.Parse(canonical));
        Assert.Equal(identifier, budget.Identifier);
    }

    [Theory]
    [InlineData("3-4G and params<=25M", "3-4G and params<=25M", "3GAndParamsUpto25M")]
    [InlineData("memory<=2M and params<=25M and 3-4G", "3-4G and params<=25M and memory<=2M", "3GAndParamsUpto25MAndMemoryUpto2M")]
    public void LimitsAreJoined(string text, string canonical, string identifier)
    {
        var budget = Budget.Parse(text);
        Assert.Equal((canonical, identifier), (budget.ToString(), budget.Identifier));
        Assert.Equal(budget, Budget.Parse(canonical));
    }

    [Fact]
    public void AllLimitsNothing()
    {
        Assert.Equal(Budget.All, Budget.Parse(" all "));
        Assert.Equal(("all", "All"), (Budget.All.ToString(), Budget.All.Identifier));
        Assert.Equal(Tiny.Space.Count, Tiny.Space.All().Count(a => Budget.All.Contains(a, 16)));
        Assert.True(Budget.All.Contains(Tiny.Space.Max, 1 << 20));
    }

    [Theory]
    [InlineData("3-4G and 4-5G", "limits one measure twice")]
    [InlineData("3-4G and", "is not a budget")]
    [InlineData("8-12ms and latency<=9ms", "limits one measure twice")]
    [InlineData("latency@csharp<=9ms and latency<=9ms", "limits one measure twice")]
    [InlineData("latency@onnx<=9ms", "times no form that can be timed (folded, csharp, csharp-int8)")]
    [InlineData("latency@<=9ms", "times no form that can be timed")]
    [InlineData("params@csharp<=9M", "is not a budget")]
    [InlineData("3-4G and and params<=2M", "is not a budget")]
    [InlineData("3-4G and params<=x", "is not a budget")]
    [InlineData("3-4G and params=4-3M", "empty")]
    [InlineData("all and params<=2M", "is not a budget")]
    public void BadJoinsAreRefused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<UserException>(() => Budget.Parse(text)).Message);

    [Fact]
    public void AJoinedBudgetHoldsWhatEachOfItsLimitsHolds()
    {
        var limits = new[] { Measure.Macs, Measure.Parameters, Measure.Memory }.Select(m => new Budget(m, 0, Median(m))).ToList();
        var joined = limits[0] with { And = limits[1] with { And = limits[2] } };
        var expected = Tiny.Space.All().Where(a => limits.All(l => l.Contains(a, 16))).ToList();
        Assert.Equal(expected, Tiny.Space.All().Where(a => joined.Contains(a, 16)));
        Assert.All(
            limits,
            limit =>
                Assert.NotEqual(
                    expected, limits.Where(l => l != limit).Aggregate(Tiny.Space.All(), (all, l) => all.Where(a => l.Contains(a, 16)))));

        static long Median(Measure measure) =>
            Tiny.Space.All().Select(a => new Budget(measure, 0, 1).Cost(a, 16)).Order().ElementAt((int)Tiny.Space.Count / 2);
    }

    /// <summary>
    /// ResNet50 at 224 pixels by hand: the first bottleneck holds its input (64 channels of 56 x 56) and twice its output of 256, once the
    /// projection's.
    /// </summary>
    [Fact]
    public void ActivationsAreThoseCountedByHand()
    {
        // The stem's convolution: the image, and 64 channels of 112 x 112; the pooling holds that and a quarter. Then 64 + 2 * 256 channels
        // of 56 x 56, which is more.
        Assert.Equal(4L * (64 + 2 * 256) * 56 * 56, new CostModel(224).Of(Measure.Memory, DataResNet.Space.Parse("ResNet50")));
    }

    /// <summary>Whatever the numbers, what is printed is read back, and two budgets never share a class name.</summary>
    [Fact]
    public void AnyBudgetSurvivesARoundTrip()
    {
        var random = CounterRandom.For(1, "budgets");
        var byName = new Dictionary<string, Budget>();
        for (var i = 0; i < 5_000; i++)
        {
            var from = random.Chance(0.2) ? 0 : Number(ref random);
            var budget = new Budget(random.Chance(0.5) ? Measure.Macs : Measure.Parameters, from, from + 1 + Number(ref random));
            Assert.Equal(budget, Budget.Parse(budget.ToString()));
            Assert.Equal(budget, byName.TryGetValue(budget.Identifier, out var other) ? other : budget);
            byName[budget.Identifier] = budget;
        }

        static long Number(ref CounterRandom random)
        {
            var value = random.Below(1000) * (long)Math.Pow(10, random.Below(11));
            return random.Chance(0.5) ? value : value + random.Below(1000);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("4G")]
    [InlineData("3-4")]
    [InlineData("3-4T")]
    [InlineData("3--4G")]
    [InlineData("-3-4G")]
    [InlineData("3G-4G")]
    [InlineData("<4G")]
    [InlineData(">=4G")]
    [InlineData("flops<=4G")]
    [InlineData("3,5-4G")]
    [InlineData("1e3-2e3G")]
    [InlineData("latency<=20s")]
    [InlineData("latency<=20M")]
    [InlineData("params<=20ms")]
    [InlineData("٣-٤G")]
    public void BadSyntaxShowsGoodSyntax(string text)
    {
        var error = Assert.Throws<UserException>(() => Budget.Parse(text));
        Assert.Contains($"'{text}'", error.Message);
        Assert.Contains("3-4G", error.Message);
        Assert.Contains("params<=25M", error.Message);
    }

    [Theory]
    [InlineData("4-3G", "empty")]
    [InlineData("4-4G", "empty")]
    [InlineData("1-99999999999999999999G", "too large")]
    [InlineData("<=9999999999999999999999999999999999999999999M", "too large")]
    [InlineData("<=9000000000000G", "too large")]
    public void ImpossibleNumbersSaySo(string text, string why) =>
        Assert.Contains(why, Assert.Throws<UserException>(() => Budget.Parse(text)).Message);

    [Fact]
    public void TheEndIsOutside()
    {
        var a = Tiny.Space.Min;
        var (macs, parameters) = (Tiny.Space.Macs(a, 16), Tiny.Space.Parameters(a));
        Assert.True(new Budget(Measure.Macs, macs, macs + 1).Contains(a, 16));
        Assert.False(new Budget(Measure.Macs, macs - 1, macs).Contains(a, 16));
        Assert.False(new Budget(Measure.Macs, macs + 1, macs + 2).Contains(a, 16));
        Assert.True(new Budget(Measure.Parameters, parameters, parameters + 1).Contains(a, 16));
        Assert.False(new Budget(Measure.Macs, macs, macs + 1).Contains(a, 32));
    }
}
