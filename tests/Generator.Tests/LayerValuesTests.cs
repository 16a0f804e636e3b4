using DataSsl.Generator.Emit;
using DataSsl.Generator.Emit.Pure;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>
/// What counts of memory take a layer to give, against what the pure C# class really keeps: its passes follow an image through the network
/// by themselves, side by side and channel by channel.
/// </summary>
public sealed class LayerValuesTests
{
    [Theory]
    [InlineData("data-resnet", 224)]
    [InlineData("resnet-basic", 64)]
    [InlineData("mobilenet-v2", 96)]
    [InlineData("vit", 224)]
    public void LayersGiveWhatThePassesOfTheEmittedClassGive(string file, int size)
    {
        var plan = TestSpaces.Plan(TestSpaces.Read($"{file}.space.yaml"));
        foreach (var choices in new[] { plan.Space.Max, plan.Space.Min })
        {
            var schedule = new PureSchedule(plan, new FixedClassSpec("Network", "Acme", choices, size, []));
            foreach (var (s, segment) in plan.Segments.Index())
                Assert.Equal(
                    schedule.Steps.Where(step => step.Of is BlockStep of && of.Block.Segment == segment)
                        .Select(step => step.Of.Output.Elements).Order(),
                    Counted(plan, s, choices, size).Order());
        }
    }

    /// <summary>ViT-Ti at 224 pixels: 3 heads for the pairs of 14 * 14 patches and a class token, beside q, k and v.</summary>
    [Fact]
    public void AnAttentionHasAScoreForEveryPairOfTokensAndHead()
    {
        var plan = TestSpaces.Plan(TestSpaces.Read("vit.space.yaml"));
        var choices = plan.Space.Anchors.First(a => a.Name == "ViTTi16").Choices;
        const long tokens = 14 * 14 + 1, channels = 192;
        var (block, places) = (plan.Segments[1].Blocks[0], plan.Geometry.Of(1, 0));
        var scores = block.Layers.Zip(places, (layer, place) => plan.ScoresOf(block, layer, place, choices, 224));
        Assert.Equal([3 * tokens * tokens], scores.Where(count => count > 0));
        // Fuller than attention, with q, k and v, is the middle of a perceptron: its input waits for the sum, and GELU keeps what it reads.
        Assert.Equal(4 * tokens * channels * (1 + 4 + 4), plan.PeakBytes(choices, 224));
    }

    /// <summary>
    /// The layers that are passes of their own. An embedding of patches is one pass with its class token, whose count it has.
    /// </summary>
    private static IEnumerable<long> Counted(NetworkPlan plan, int segment, EquatableArray<int> choices, int size)
    {
        var input = plan.Space.InputChannels * plan.Geometry.PositionsAt(Place.Input, size);
        for (var s = 0; s <= segment; s++)
        {
            for (var i = 0; i < plan.Segments[s].DepthAt(choices); i++)
            {
                var (block, places) = (plan.Segments[s].Blocks[i], plan.Geometry.Of(s, i));
                foreach (var (layer, place) in block.Layers.Zip(places))
                {
                    input = plan.OutputOf(block, layer, place, choices, size, input);
                    if (s == segment && !layer.IsInPlace && !layer.GivesTokens) yield return input;
                }
            }
        }
    }
}
