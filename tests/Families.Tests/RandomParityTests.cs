using DataSsl.Runtime;
using Xunit.Abstractions;

namespace DataSsl.Families.Tests;

/// <summary>Architectures of random spaces against plain PyTorch networks of their family.</summary>
public sealed class RandomFixture() : PeerNetworks("architectures", Cases)
{
    public const int Classes = 10;

    /// <summary>
    /// One architecture on the grid and one off it for each space, on images of its own size and of one that divides less well.
    /// </summary>
    public static IReadOnlyList<PeerCase> Cases { get; } = [.. SmallSpaces.Random.SelectMany(space =>
    {
        var random = CounterRandom.For(9, "parity");
        var other = space.Family == "vit" ? 48 : 45;
        return new[] { ("Grid", space.Sample(ref random)), ("Slice", space.Parse("Somewhere")) }.Select(
            a => PeerCase.Plain($"{space.Name}_{a.Item1}", a.Item2, Classes, space.InputSize, other));
    })];
}

/// <summary>What the emitted classes of random spaces compute and cost, in every family.</summary>
public sealed class RandomParityTests(RandomFixture peers, ITestOutputHelper output) : IClassFixture<RandomFixture>
{
    public static TheoryData<string> Names => [.. RandomFixture.Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Outputs_are_the_references(string name) => peers.MustAgree(name, output);

    [Theory, MemberData(nameof(Names))]
    public void Costs_are_what_a_run_counts(string name)
    {
        var (_, architecture, _, classes, sizes) = RandomFixture.Cases.First(c => c.Name == name);
        Assert.Equal(peers.Macs(name), sizes.Select(size => architecture.Space.Macs(architecture, size)));
        Assert.Equal(peers.Parameters(name), architecture.Space.Parameters(architecture) + classes * (architecture.EmbeddingChannels + 1L));
    }
}
