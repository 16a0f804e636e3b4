using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>
/// One architecture at one size of image as steps in their order: which value each takes and gives, of which shape, and for how long each
/// is needed. What runs a network, or counts what running it takes, asks here what comes when.
/// </summary>
public sealed class Schedule
{
    private readonly List<ScheduleStep> steps = [];
    private readonly List<(string Tap, Value Value)> taps = [];
    private readonly EquatableArray<int> choices;
    private readonly bool fuses;
    private int values;

    private Schedule(NetworkPlan plan, IEnumerable<PlacedBlock> blocks, EquatableArray<int> choices, int size, bool fuses)
    {
        (this.choices, this.fuses) = (choices, fuses);
        Image = Last = Embedding = new(values, values++, plan.Space.InputChannels, size);
        foreach (var placed in blocks)
        {
            Last = Embedding = Run(placed, Last);
            var isEnd = placed.Index + 1 == placed.Segment.DepthAt(choices);
            if (isEnd && placed.Segment != plan.Segments[0] && placed.Segment.Tap.Length > 0) taps.Add((placed.Segment.Tap, Last));
        }
    }

    /// <summary>Blocks layer by layer, as a framework runs them: a branch, its shortcut, their sum. Nothing follows the last.</summary>
    /// <param name="size">Side of the image in pixels.</param>
    public static Schedule OfBlocks(NetworkPlan plan, IEnumerable<PlacedBlock> blocks, EquatableArray<int> choices, int size) =>
        new(plan, blocks, choices, size, fuses: false);

    /// <summary>A whole network layer by layer.</summary>
    /// <param name="size">Side of the image in pixels.</param>
    /// <param name="head">Classes of its head; 0 for none.</param>
    public static Schedule OfLayers(NetworkPlan plan, EquatableArray<int> choices, int size, int head) =>
        OfBlocks(plan, plan.ActiveBlocks(choices), choices, size).WithEnd(plan, head);

    /// <summary>
    /// A whole network in as few passes as there are: one takes the norm and the activation behind it with it, and the sum with a shortcut,
    /// which is there before the branch begins.
    /// </summary>
    /// <param name="size">Side of the image in pixels.</param>
    /// <param name="head">Classes of its head; 0 for none.</param>
    public static Schedule OfPasses(NetworkPlan plan, EquatableArray<int> choices, int size, int head) =>
        new Schedule(plan, plan.ActiveBlocks(choices), choices, size, fuses: true).WithEnd(plan, head);

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<ScheduleStep> Steps => steps;

    /// <summary>The steps of each block, in order.</summary>
    public IEnumerable<IGrouping<PlacedBlock, BlockStep>> Blocks => steps.OfType<BlockStep>().GroupBy(step => step.Block);

    /// <summary>The image [C, H, W].</summary>
    public Value Image { get; }

    /// <summary>The last map or tokens.</summary>
    public Value Last { get; }

    /// <summary>The embedding [C]; the last value where nothing comes behind that.</summary>
    public Value Embedding { get; private set; }

    /// <summary>The classes' logits [classes]; null without a head.</summary>
    public Value? Logits { get; private set; }

    /// <summary>The maps for dense tasks, or the tokens that they are of, in order.</summary>
    public IReadOnlyList<(string Tap, Value Value)> Taps => taps;

    /// <summary>How long the memory of each value is needed, in the order in which they are made.</summary>
    public IReadOnlyList<Life> Lives()
    {
        var (made, first, last) = (new List<Value> { Image }, new int[values], new int[values]);
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (!step.IsInPlace)
            {
                made.Add(step.Output);
                first[step.Output.Room] = i;
            }
            last[step.Input.Room] = last[step.Output.Room] = i;
            if (step.Added is { } added) last[added.Room] = i;
        }
        last[Embedding.Room] = steps.Count;
        if (Logits is not null) last[Logits.Room] = steps.Count;
        return [.. made.Select(value => new Life(value, first[value.Room], last[value.Room]))];
    }

    private Schedule WithEnd(NetworkPlan plan, int head)
    {
        Embedding = new(values, plan.GivesTokens ? Last.Room : values, Last.Channels, Side: 1);
        values++;
        steps.Add(new EmbeddingStep(Last, Embedding));
        if (head == 0) return this;
        Logits = new(values, values++, head, Side: 1);
        steps.Add(new LogitsStep(Embedding, Logits));
        return this;
    }

    /// <summary>A block's branches, each on the result of the one before.</summary>
    private Value Run(PlacedBlock placed, Value input)
    {
        foreach (var branch in placed.Block.Template.Branches) input = Run(placed, branch, input);
        return input;
    }

    private Value Run(PlacedBlock placed, Branch branch, Value input)
    {
        var shortcut = placed.Block.ShortcutOf(branch);
        // What a pass adds is there before it.
        var before = fuses ? Added() : null;
        var value = Chain(branch.Layers, input);
        if (shortcut == Shortcut.None) return value;
        value = Sum(placed, value, before ?? Added()!);
        return Chain(branch.After, value, goesOn: true);

        Value? Added() => shortcut switch
        {
            Shortcut.Identity => input,
            Shortcut.Projection => Chain(branch.Projection, input),
            _ => null,
        };

        // What a chain begins with is taken by the shortcut too: nothing is fused into it.
        Value Chain(IEnumerable<Layer> layers, Value x, bool goesOn = false)
        {
            foreach (var layer in layers)
            {
                x = (goesOn ? Fused(layer, x) : null) ?? Step(placed, layer, x);
                goesOn = true;
            }
            return x;
        }
    }

    private Value Step(PlacedBlock placed, Layer layer, Value input)
    {
        var (block, stride) = (placed.Block, placed.Block.StrideOf(layer));
        var output = new Value(
            values, layer.IsInPlace ? input.Room : values,
            layer.Out.Length == 0 ? input.Channels : (int)(layer.Parts * block.Port(layer.Out).At(choices)),
            stride == 1 ? input.Side : new Reduction(layer.Reach, stride).Of(input.Side),
            layer.AddsToken ? input.Extra + 1 : input.Extra, input.Tokens || layer.GivesTokens);
        values++;
        steps.Add(new LayerStep(placed, layer, (int)block.KernelOf(layer).At(choices), stride, input, output));
        return output;
    }

    /// <summary>A value with one more layer in the pass that makes it; null where that takes no such layer.</summary>
    private Value? Fused(Layer layer, Value value)
    {
        if (!fuses || steps[steps.Count - 1] is not LayerStep pass || !pass.Layer.Takes(layer)) return null;
        value = layer.AddsToken ? value with { Extra = value.Extra + 1 } : value;
        steps[steps.Count - 1] = pass with { Fused = [.. pass.Fused, layer], Output = value };
        return value;
    }

    private Value Sum(PlacedBlock placed, Value value, Value added)
    {
        // Behind an activation, or behind what multiplies nothing, it is no part of the pass.
        if (fuses && steps[steps.Count - 1] is LayerStep { Layer.HasWeights: true } pass && !pass.Fused.Any(layer => layer.IsRectifier))
        {
            steps[steps.Count - 1] = pass with { Added = added };
            return value;
        }
        var sum = value with { Id = values++ };
        steps.Add(new SumStep(placed, value, sum) { Added = added });
        return sum;
    }
}
