using System;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>
/// The activations that inference of one image holds at its fullest moment, layer by layer: a layer's input and output, and a block's input
/// until it has been added. Norms of convolutions, activations, positions and sums work in place. Workspaces of kernels are not counted:
/// they are the library's choice.
/// </summary>
public static class Activations
{
    private const long BytesOfFloat = 4;

    /// <summary>Bytes of the fullest moment in 32 bits, for one square image.</summary>
    public static long PeakBytes(this NetworkPlan plan, EquatableArray<int> choices, int size)
    {
        var (peak, input) = (0L, plan.Space.InputChannels * plan.Geometry.PositionsAt(Place.Input, size));
        for (var s = 0; s < plan.Segments.Count; s++)
        {
            var kinds = Math.Min(2, plan.Segments[s].DepthAt(choices));
            for (var kind = 0; kind < kinds; kind++)
            {
                var (most, output) = OfBlock(plan, s, kind, choices, size, input);
                (peak, input) = (Math.Max(peak, most), output);
            }
        }
        return peak * BytesOfFloat;
    }

    /// <summary>The fullest moment of a block and its output, in elements.</summary>
    private static (long Peak, long Output) OfBlock(
        NetworkPlan plan, int segment, int kind, EquatableArray<int> choices, int size, long input)
    {
        var (block, places) = (plan.Segments[segment].Blocks[kind], plan.Geometry.Of(segment, kind));
        var (peak, branchInput, place) = (input, input, 0);
        foreach (var branch in block.Template.Branches)
        {
            var value = branchInput;
            foreach (var layer in branch.Layers)
            {
                var at = places[place++];
                var output = plan.OutputOf(block, layer, at, choices, size, value);
                // The branch's input waits for the sum, and the first layer reads it.
                var kept = branch.Adds && value != branchInput ? branchInput : 0;
                peak = Math.Max(
                    peak, kept + value + (layer.IsInPlace ? 0 : output) + plan.ScoresOf(block, layer, at, choices, size));
                value = output;
            }
            if (block.Shortcut == Shortcut.Projection && branch.Projection.Count > 0) peak = Math.Max(peak, branchInput + 2 * value);
            else if (branch.Adds) peak = Math.Max(peak, branchInput + value);
            branchInput = value;
        }
        return (peak, branchInput);
    }
}
