using Xunit.Abstractions;

namespace DataSsl.Families.Tests;

/// <summary>
/// Every anchor's emitted class against the network that it is named after: same keys and shapes, sizes, costs and outputs.
/// </summary>
public sealed class AnchorParityTests(AnchorFixture peers, ITestOutputHelper output) : IClassFixture<AnchorFixture>
{
    public static TheoryData<string> Names => [.. AnchorFixture.Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Outputs_are_the_references(string name) => peers.MustAgree(name, output);

    [Theory, MemberData(nameof(Names))]
    public void Costs_are_what_a_run_counts(string name)
    {
        var anchor = AnchorFixture.Cases.First(c => c.Name == name);
        Assert.Equal(peers.Macs(name), anchor.Sizes.Select(size => anchor.Space.Macs(anchor.Space.Parse(name), size)));
        Assert.Equal(peers.Parameters(name), WithHead(anchor));
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
        return anchor.Space.Parameters(architecture) + AnchorCase.Classes * (architecture.EmbeddingChannels + 1L);
    }
}
