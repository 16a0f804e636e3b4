using DataSsl.Generator.Families;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>What inference holds at its fullest moment, by hand and against a run through all blocks that makes and frees values.</summary>
public sealed class ActivationsTests
{
    /// <summary>ViT-Ti at 224 pixels: 3 heads for the pairs of 14 * 14 patches and a class token, beside q, k and v.</summary>
    [Fact]
    public void An_attention_has_a_score_for_every_pair_of_tokens_and_head()
    {
        var plan = TestSpaces.Plan(TestSpaces.Read("vit.space.yaml"));
        var choices = plan.Space.Anchors.First(a => a.Name == "ViTTi16").Choices;
        const long tokens = 14 * 14 + 1, channels = 192;
        var steps = Schedule.OfLayers(plan, choices, 224, head: 0).Steps;
        Assert.Equal([3 * tokens * tokens], steps.Select(step => step.Scores).Where(count => count > 0).Distinct());
        // Fuller than attention, with q, k and v, is the middle of a perceptron: its input waits for the sum, and GELU keeps what it reads.
        Assert.Equal(4 * tokens * channels * (1 + 4 + 4), plan.PeakBytes(choices, 224));
    }

    /// <summary>In the second convolution a block's input waits for the sum, though what the first one made is as large.</summary>
    [Fact]
    public void An_input_waits_for_the_sum_beside_a_value_of_its_size()
    {
        var plan = TestSpaces.Plan(TestSpaces.Basic.Replace("stem: {", "stem: { resolution: low,"));
        Assert.Equal(4 * 3 * 8 * 32 * 32, plan.PeakBytes(TestSpaces.Choices(plan, [8, 8], [1, 1]), 32));
    }

    /// <summary>
    /// The first block of a stage of MobileNetV2 adds nothing to its input, which so is gone when the depthwise convolution takes 96
    /// channels of 112 x 112 to half the side.
    /// </summary>
    [Fact]
    public void An_input_that_is_not_added_does_not_wait()
    {
        var plan = TestSpaces.Plan(TestSpaces.Read("mobilenet-v2.space.yaml"));
        Assert.Equal(4 * 96 * (112 * 112 + 56 * 56), plan.PeakBytes(plan.Space.Anchors.Single().Choices, 224));
    }

    [Theory]
    [InlineData("data-resnet", 225)]
    [InlineData("resnet-basic", 64)]
    [InlineData("mobilenet-v2", 96)]
    [InlineData("survey-basic32", 32)]
    [InlineData("vit", 224)]
    public void The_peak_is_that_of_a_run_through_all_blocks(string file, int size)
    {
        var plan = TestSpaces.Plan(TestSpaces.Read($"{file}.space.yaml"));
        foreach (var choices in new[] { plan.Space.Max, plan.Space.Min })
            Assert.Equal(Ran(plan, choices, size), plan.PeakBytes(choices, size));
    }

    [Theory]
    [MemberData(nameof(ScheduleTests.Seeds), MemberType = typeof(ScheduleTests))]
    public void So_it_is_for_any_space(int seed)
    {
        var plan = Family.PlanOf(RandomSpaces.Of(seed));
        foreach (var choices in new[] { plan.Space.Max, plan.Space.Min })
            Assert.Equal(Ran(plan, choices, plan.Space.InputSize), plan.PeakBytes(choices, plan.Space.InputSize));
    }

    /// <summary>Makes and frees values as a framework does, of the sizes that costs are counted by.</summary>
    private static long Ran(NetworkPlan plan, EquatableArray<int> choices, int size)
    {
        var (held, peak) = (0L, 0L);
        var x = Make(plan.Space.InputChannels * (long)size * size);
        foreach (var placed in plan.ActiveBlocks(choices))
        {
            var (block, places) = (placed.Block, plan.Geometry.Of(plan.Segments.ToList().IndexOf(placed.Segment), placed.Index));
            var at = 0;
            foreach (var branch in block.Template.Branches)
            {
                var adds = branch.Adds && (!branch.MayAdd || block.TakesOptional);
                var y = Chain(branch.Layers, x, keeps: adds);
                var shortcut = adds && block.Shortcut == Shortcut.Projection ? Chain(branch.Projection, x, keeps: false) : x;
                if (adds) held -= shortcut;
                x = y;
            }

            long Chain(IEnumerable<Layer> layers, long from, bool keeps)
            {
                foreach (var layer in layers)
                {
                    var place = places[at++];
                    if (layer.IsInPlace) continue;
                    var channels = layer.Out.Length > 0 ? layer.Parts * block.Port(layer.Out).At(choices)
                        : block.Port(layer.IsPooling ? block.Template.Output : "hidden").At(choices);
                    var (positions, made) = (plan.Geometry.PositionsAt(place, size), 0L);
                    made = Make(positions * channels);
                    if (layer.HeadSize > 0) peak = Math.Max(peak, held + positions * positions * channels / layer.HeadSize);
                    if (!keeps) held -= from;
                    (from, keeps) = (made, false);
                }
                return from;
            }
        }
        return 4 * peak;

        long Make(long values)
        {
            held += values;
            peak = Math.Max(peak, held);
            return values;
        }
    }
}
