using Xunit.Abstractions;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>Every anchor's emitted class against the network that it is named after: same keys (the reference loads strictly), sizes, costs and outputs.</summary>
public sealed class AnchorParityTests(AnchorFixture peers, ITestOutputHelper output) : IClassFixture<AnchorFixture>
{
    public static TheoryData<string> Names => [.. AnchorFixture.Cases.Select(c => c.Name)];

    [SkippableTheory, MemberData(nameof(Names))]
    public void Outputs_are_the_references(string name)
    {
        var outputs = peers.Expected(name).GetProperty("outputs");
        foreach (var (actual, values) in peers.Actual(name).Zip(outputs.EnumerateArray()))
        {
            using var scope = NewDisposeScope();
            var expected = tensor(values.EnumerateArray().Select(v => v.GetSingle()).ToArray(), actual.shape);
            var difference = ((actual - expected).abs().max() / expected.abs().max()).item<float>();
            output.WriteLine($"{name}: relative difference {difference:g2}");
            Assert.True(difference < 1e-5, $"{name}: relative difference {difference:g3}");
        }
    }

    [SkippableTheory, MemberData(nameof(Names))]
    public void Costs_are_what_a_run_counts(string name)
    {
        var expected = peers.Expected(name);
        var anchor = AnchorFixture.Cases.First(c => c.Name == name);
        var architecture = anchor.Space.Parse(name);
        var macs = expected.GetProperty("macs").EnumerateArray().Select(m => m.GetInt64());
        Assert.Equal(macs, anchor.Sizes.Select(size => anchor.Space.Macs(architecture, size)));
        Assert.Equal(expected.GetProperty("parameters").GetInt64(), WithHead(anchor));
    }

    [Theory, MemberData(nameof(Names))]
    public void Parameters_are_the_published(string name)
    {
        var anchor = AnchorFixture.Cases.First(c => c.Name == name);
        Assert.Equal(anchor.Parameters, WithHead(anchor));
    }

    private static long WithHead(AnchorCase anchor)
    {
        var architecture = anchor.Space.Parse(anchor.Name);
        return anchor.Space.Parameters(architecture) + 1000L * (architecture.EmbeddingChannels + 1);
    }
}
