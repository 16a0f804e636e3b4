using DataSsl.Generator.Families;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>
/// One order of steps for all that runs a network or counts what running it takes: against a plan's closed forms, and by hand.
/// </summary>
public sealed class ScheduleTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    /// <summary>A projected block: its convolutions take norm and activation with them, the last one the sum too.</summary>
    [Fact]
    public void PassesTakeWithThemWhatFollows()
    {
        var plan = TestSpaces.Plan(TestSpaces.Basic);
        var block = Schedule.OfPasses(plan, plan.Space.Max, size: 64, head: 10).Blocks.Single(b => b.Key.Key == "layer2.0").ToList();
        Assert.Equal(
            ["downsample.0 downsample.1", "conv1 bn1 Relu", "conv2 bn2 Relu"],
            block.Cast<LayerStep>().Select(step => string.Join(' ', step.Fused.Prepend(step.Layer).Select(Name))));
        Assert.Equal([null, null, block[0].Output], block.Select(step => step.Added));
        Assert.Equal([block[0].Input, block[0].Input, block[1].Output], block.Select(step => step.Input));
    }

    /// <summary>The same layer by layer: the branch, its shortcut, their sum, and over the branch's result what follows.</summary>
    [Fact]
    public void LayersComeAsAFrameworkRunsThem()
    {
        var plan = TestSpaces.Plan(TestSpaces.Basic);
        var block = Schedule.OfLayers(plan, plan.Space.Max, size: 64, head: 10).Blocks.Single(b => b.Key.Key == "layer2.0").ToList();
        Assert.Equal(
            ["conv1", "bn1", "Relu", "conv2", "bn2", "downsample.0", "downsample.1", "sum", "Relu"],
            block.Select(step => step is LayerStep { Layer: var layer } ? Name(layer) : "sum"));
        Assert.Equal(block[0].Input, block[5].Input);
        Assert.Equal((block[4].Output, block[6].Output), (block[7].Input, block[7].Added));
        Assert.Equal([false, true, true, false, true, false, true, true, true], block.Select(step => step.IsInPlace));
    }

    /// <summary>Tokens are one pass with their positions, and the embedding is where the first of them lies.</summary>
    [Fact]
    public void TokensAreOnePassAndGiveTheEmbedding()
    {
        var plan = TestSpaces.Plan(TestSpaces.Transformer);
        var passes = Schedule.OfPasses(plan, plan.Space.Max, size: 32, head: 10);
        Assert.Equal(["cls_token", "pos_embed"], ((LayerStep)passes.Steps[0]).Fused.Select(Name));
        Assert.Equal(new Value(1, 1, 128, Side: 4, Extra: 1, Tokens: true), passes.Steps[0].Output);
        Assert.Equal((passes.Last.Room, 128, 1L), (passes.Embedding.Room, passes.Embedding.Channels, passes.Embedding.Positions));
        Assert.Equal((10, passes.Embedding), (passes.Logits!.Channels, passes.Steps[^1].Input));
    }

    /// <summary>Sides and channels step by step are those that costs are counted by, in closed form.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ValuesAreOfTheShapesThatCostsCount(int seed)
    {
        var (plan, choices) = Drawn(seed);
        var schedule = Schedule.OfLayers(plan, choices, plan.Space.InputSize, head: 0);
        foreach (var block in schedule.Blocks)
        {
            var places = plan.Geometry.Of(plan.Segments.ToList().IndexOf(block.Key.Segment), block.Key.Index);
            var steps = block.OfType<LayerStep>().Where(step => step.Layer.Out.Length > 0 || step.Layer.IsPooling).ToList();
            foreach (var step in steps)
            {
                var place = places[block.Key.Block.Layers.ToList().IndexOf(step.Layer)];
                var channels = step.Layer.IsPooling ? step.Input.Channels
                    : step.Layer.Parts * block.Key.Block.Port(step.Layer.Out).At(choices);
                Assert.Equal(
                    (plan.Geometry.PositionsAt(place, plan.Space.InputSize), channels, place.Tokens),
                    (step.Output.Positions, step.Output.Channels, step.Output.Tokens));
            }
        }
        Assert.Equal(plan.Taps.Select(tap => (tap.Tap, tap.Out.At(choices))), schedule.Taps.Select(t => (t.Tap, (long)t.Value.Channels)));
        Assert.Equal(plan.Embedding.At(choices), schedule.Embedding.Channels);
    }

    /// <summary>Both are the same layers, each once, which end in values of one shape.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void PassesAreTheLayersAndNoOthers(int seed)
    {
        var (plan, choices) = Drawn(seed);
        var (layers, passes) = (Schedule.OfLayers(plan, choices, 64, head: 7), Schedule.OfPasses(plan, choices, 64, head: 7));
        Assert.Equal(
            layers.Steps.OfType<LayerStep>().Select(step => step.Key).Order(),
            passes.Steps.OfType<LayerStep>().SelectMany(step => step.Fused.Prepend(step.Layer).Select(step.KeyOf)).Order());
        Assert.Equal(layers.Steps.Count(step => step.Added is not null), passes.Steps.Count(step => step.Added is not null));
        Assert.Equal(layers.Taps.Select(t => (t.Tap, Shape(t.Value))), passes.Taps.Select(t => (t.Tap, Shape(t.Value))));
        Assert.Equal(Shape(layers.Last), Shape(passes.Last));
        // Nothing but the ends of passes is held.
        Assert.All(passes.Steps, step => Assert.True(!step.IsInPlace || step is EmbeddingStep));
    }

    /// <summary>Memory is needed from where a value is made to where it, or what is written over it, is last taken.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void LivesAreThoseThatLookingAheadFinds(int seed)
    {
        var (plan, choices) = Drawn(seed);
        foreach (var schedule in
            new[] { Schedule.OfLayers(plan, choices, 64, head: seed % 2), Schedule.OfPasses(plan, choices, 64, head: seed % 2) })
        {
            var (lives, held) = (schedule.Lives(), new HashSet<int> { schedule.Image.Room });
            for (var i = 0; i < schedule.Steps.Count; i++)
            {
                var step = schedule.Steps[i];
                Assert.Contains(step.Input.Room, held);
                if (step.Added is { } added) Assert.Contains(added.Room, held);
                Assert.Equal(!step.IsInPlace, held.Add(step.Output.Room));
                Assert.Equal(held.Order(), lives.Where(life => life.First <= i && i <= life.Last).Select(life => life.Value.Room).Order());
                held.RemoveWhere(
                    room => room != schedule.Embedding.Room && room != schedule.Logits?.Room
                        && !schedule.Steps.Skip(i + 1).Any(later => later.Input.Room == room || later.Added?.Room == room));
            }
            Assert.Equal(held.Order(), lives.Where(life => life.Last == schedule.Steps.Count).Select(life => life.Value.Room).Order());
        }
    }

    private static Value Shape(Value value) => value with { Id = 0, Room = 0 };

    private static string Name(Layer layer) => layer.Name.Length > 0 ? layer.Name : layer.Kind.ToString();

    private static (NetworkPlan Plan, EquatableArray<int> Choices) Drawn(int seed)
    {
        var (plan, random) = (Family.PlanOf(RandomSpaces.Of(seed)), new Random(seed));
        return (plan, plan.Space.Axes.Select(axis => axis.Values[random.Next(axis.Values.Count)]).ToEquatableArray());
    }
}
