using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>Finds the architecture of a space that tensors of a state dict are of, from their names and shapes alone.</summary>
public sealed class ShapeMatch
{
    /// <summary>Where depths leave several readings, more than anybody needs to choose from.</summary>
    private const int MostReadings = 4096;

    private readonly NetworkPlan plan;
    private readonly IReadOnlyDictionary<string, long[]> shapes;
    private readonly HashSet<string> present;
    private readonly List<EquatableArray<int>> readings = [];
    private (int Progress, string Key, string Why) furthest = (-1, "", "");

    private ShapeMatch(NetworkPlan plan, IReadOnlyDictionary<string, long[]> shapes)
    {
        (this.plan, this.shapes) = (plan, shapes);
        // Every beginning of a key that ends before a dot: whether a block is there is then one question.
        present =
        [
            .. shapes.Keys.SelectMany(key => Enumerable.Range(0, key.Length).Where(i => key[i] == '.').Select(i => key.Substring(0, i))),
        ];
    }

    /// <summary>The choices, or the first tensor that fits nowhere and why.</summary>
    /// <param name="shapes">By key, as <see cref="PlacedBlock.Key"/> gives them. BatchNorm's statistics may be missing.</param>
    /// <returns>
    /// Of several readings an anchor, else one on the grid, else any; the most even depths among those. They differ where blocks of two
    /// stages have the same shapes.
    /// </returns>
    public static (EquatableArray<int>? Choices, string Key, string Why) Find(NetworkPlan plan, IReadOnlyDictionary<string, long[]> shapes)
    {
        var match = new ShapeMatch(plan, shapes);
        match.Segment(0, new int[plan.Space.Axes.Count], []);
        if (match.readings.Count == 0) return (null, match.furthest.Key, match.furthest.Why);
        var anchors = plan.Space.Anchors.Select(anchor => anchor.Choices).ToList();
        return (match.readings.OrderByDescending(anchors.Contains).ThenByDescending(match.IsOnAxes).ThenBy(match.Unevenness).First(), "",
            "");
    }

    private bool IsOnAxes(EquatableArray<int> choices) =>
        plan.Space.Axes.Select((axis, i) => axis.Values.Contains(choices[i])).All(on => on);

    private double Unevenness(EquatableArray<int> choices) =>
        plan.Segments.Where(s => s.DepthAxis >= 0).Sum(s => Math.Pow((double)choices[s.DepthAxis] / plan.Space.Axes[s.DepthAxis].Max, 2));

    /// <summary>Reads a segment and those after it, for each depth that fits.</summary>
    /// <param name="choices">What is known already; 0 for what is not.</param>
    /// <param name="places">Blocks that are read already, by container.</param>
    private void Segment(int index, int[] choices, Dictionary<string, int> places)
    {
        if (readings.Count >= MostReadings) return;
        if (index == plan.Segments.Count)
        {
            End(choices, places);
            return;
        }
        var segment = plan.Segments[index];
        (choices, places) = ([.. choices], new(places));
        for (var i = 0; i < segment.Blocks.Count; i++)
        {
            var list = segment.Blocks[i].Container;
            if (i > 0 && list.Length > 0 && !present.Contains(KeyAt(list, places[list]))) return;
            if (!Block(segment.Blocks[i], choices, places)) return;
            var isLast = i + 1 == segment.Blocks.Count;
            if (segment.DepthAxis < 0 && !isLast) continue;
            if (segment.DepthAxis >= 0) choices[segment.DepthAxis] = i + 1;
            // What follows in a list of the segment's own is the segment's.
            var more = list.Length > 0 && present.Contains(KeyAt(list, places[list]))
                && !plan.Segments.Skip(index + 1).Any(s => s.Blocks[0].Container == list);
            if (more && isLast)
                Fail(
                    places, Keys(KeyAt(list, places[list])).First(),
                    $"{segment.Name} of the space has {segment.Blocks.Count} blocks at most");
            if (!more) Segment(index + 1, choices, places);
        }
    }

    /// <summary>All blocks are read: whatever is left has no place.</summary>
    private void End(int[] choices, Dictionary<string, int> places)
    {
        var known = plan.ActiveBlocks(new(choices))
            .SelectMany(
                placed =>
                    placed.Block.Layers.SelectMany(
                        layer => StateTensor.Of(placed.Block, layer).Select(t => t.KeyIn(NetworkPlan.KeyOf(placed.Key, layer)))));
        var left = shapes.Keys.Except(known).ToList();
        if (left.Count == 0) readings.Add(new(choices));
        else Fail(places, left[0], "there is no such tensor");
    }

    /// <summary>Reads one block: every tensor is there and has a shape that its choices give.</summary>
    private bool Block(Block block, int[] choices, Dictionary<string, int> places)
    {
        places.TryGetValue(block.Container, out var place);
        var key = block.Container.Length == 0 ? "" : KeyAt(block.Container, place);
        var tensors = block.Layers.SelectMany(
                layer =>
                    StateTensor.Of(block, layer).Where(t => t.Shape.Count > 0)
                        .Select(tensor => (Layer: layer, Tensor: tensor, Key: tensor.KeyIn(NetworkPlan.KeyOf(key, layer)))))
            .ToList();
        foreach (var (_, tensor, name) in tensors)
            if (tensor.Role != TensorRole.Statistic && !shapes.ContainsKey(name)) return Fail(places, name, "it is missing");
        // A product of two choices tells one once the other is known.
        for (var open = true; open;)
        {
            open = false;
            foreach (var (layer, tensor, name) in tensors.Where(t => shapes.ContainsKey(t.Key)))
            {
                var shape = shapes[name];
                if (shape.Length != tensor.Shape.Count) return Fail(places, name, Fits(tensor));
                for (var i = 0; i < shape.Length; i++)
                {
                    // Positions are those of a square map of any size.
                    if (layer.IsResizable && i == 1) continue;
                    var (solved, fits) = Solve(tensor.Shape[i], shape[i], choices);
                    if (!fits) return Fail(places, name, Fits(tensor));
                    open |= solved;
                }
            }
        }
        if (block.Container.Length > 0) places[block.Container] = place + 1;
        return true;
    }

    /// <summary>Takes a side of a tensor for the one choice of it that is not known, or compares it.</summary>
    private (bool Solved, bool Fits) Solve(Quantity side, long value, int[] choices)
    {
        var (known, unknown) = (side.Factor, -1);
        foreach (var axis in side.Axes)
        {
            if (choices[axis] > 0) known *= choices[axis];
            else if (unknown >= 0) return (false, true);
            else unknown = axis;
        }
        if (unknown < 0) return (false, value == known);
        if (value % known != 0 || value / known > int.MaxValue || !plan.Space.Axes[unknown].Accepts((int)(value / known)))
            return (false, false);
        choices[unknown] = (int)(value / known);
        return (true, true);
    }

    private string Fits(StateTensor tensor) =>
        $"the space takes up to [{string.Join(", ", tensor.Shape.Select(side => side.At(plan.Space.Max)))}]";

    private bool Fail(Dictionary<string, int> places, string key, string why)
    {
        if (places.Values.Sum() is var progress && progress > furthest.Progress) furthest = (progress, key, why);
        return false;
    }

    private IEnumerable<string> Keys(string block) => shapes.Keys.Where(key => key.StartsWith(block + ".", StringComparison.Ordinal));

    private static string KeyAt(string container, int place) => $"{container}.{Digits.Of(place)}";
}
