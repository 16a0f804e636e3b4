using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;

namespace DataSsl.Families.Tests;

/// <summary>
/// What a compiled space says of itself, in every family: positions on the grid, text, and costs in closed form against a count over the
/// plan.
/// </summary>
public sealed class SpaceTests
{
    private static readonly IReadOnlyList<SearchSpace> All =
    [
        .. SmallSpaces.All, DataResNet.Space, BasicResNet.Space, MobileNets.Space, VisionTransformers.Space,
    ];

    public static TheoryData<string> Spaces => [.. All.Select(s => s.Name)];

    [Theory, MemberData(nameof(Spaces))]
    public void Index_and_text_lead_back(string name)
    {
        var space = All.First(s => s.Name == name);
        foreach (var architecture in SmallSpaces.Draws(space, 200))
        {
            if (space.IsOnGrid(architecture)) Assert.Equal(architecture, space.FromIndex(space.IndexOf(architecture)));
            Assert.Equal(architecture, space.Parse(architecture.ToString()));
        }
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Positions_lead_back(string name)
    {
        var space = All.First(s => s.Name == name);
        for (var index = 0L; index < Math.Min(space.Count, 5000); index++) Assert.Equal(index, space.IndexOf(space.FromIndex(index)));
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Costs_in_closed_form_are_the_counted(string name)
    {
        var space = All.First(s => s.Name == name);
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(name, space.Source).Space!);
        foreach (var architecture in SmallSpaces.Draws(space, 100))
        {
            var choices = architecture.Choices.ToArray().ToEquatableArray();
            foreach (var size in new[] { space.InputSize, 2 * space.InputSize - space.Reduction, 97 })
                Assert.Equal(plan.Macs(choices, size), space.Macs(architecture, size));
            Assert.Equal(plan.ConvWeights(choices), space.ConvWeights(architecture));
            Assert.Equal(plan.Parameters(choices), space.Parameters(architecture));
            Assert.Equal(CountedParameters(plan, choices), space.Parameters(architecture));
        }
    }

    public static TheoryData<string> CountableSpaces => [.. All.Where(s => s.Count <= 2_000).Select(s => s.Name)];

    /// <summary>Chi-square over all members at five standard deviations.</summary>
    [Theory, MemberData(nameof(CountableSpaces))]
    public void Draws_are_uniform(string name)
    {
        const int perMember = 100;
        var (space, random) = (All.First(s => s.Name == name), CounterRandom.For(17, "uniform"));
        var counts = new long[space.Count];
        for (var i = 0L; i < perMember * space.Count; i++) counts[space.IndexOf(space.Sample(ref random))]++;
        var (chi, freedom) = (counts.Sum(c => Math.Pow(c - perMember, 2) / perMember), space.Count - 1);
        Assert.InRange(chi, freedom - 5 * Math.Sqrt(2.0 * freedom), freedom + 5 * Math.Sqrt(2.0 * freedom));
    }

    [Fact]
    public void A_kernel_has_an_odd_side()
    {
        var choices = SmallMobile.Space.Max.Choices.ToArray();
        choices[SmallMobile.Space.Axes.ToList().FindIndex(a => a.Kind == "kernel")] = 4;
        Assert.Contains("odd sides up to 5", Assert.Throws<UserException>(() => new Architecture(SmallMobile.Space, choices)).Message);
    }

    /// <summary>Layer by layer from the state dict's shapes.</summary>
    private static long CountedParameters(NetworkPlan plan, EquatableArray<int> choices) =>
        (from placed in plan.ActiveBlocks(choices)
         from layer in placed.Block.Layers
         from state in StateTensor.Of(placed.Block, layer)
         where state.Role != TensorRole.Statistic
         select state.Shape.Aggregate(1L, (all, side) => all * side.At(choices))).Sum();
}
