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
        // Of blocks that are alike one is as full as the other.
        var blocks = plan.Kinds.Where(placed => placed.Index < placed.Segment.DepthAt(choices));
        var schedule = Schedule.OfBlocks(plan, blocks, choices, size);
        var changes = new long[schedule.Steps.Count + 2];
        foreach (var life in schedule.Lives())
        {
            changes[life.First] += life.Value.Elements;
            changes[life.Last + 1] -= life.Value.Elements;
        }
        var (held, peak) = (0L, 0L);
        for (var i = 0; i < schedule.Steps.Count; i++) peak = Math.Max(peak, (held += changes[i]) + schedule.Steps[i].Scores);
        return peak * BytesOfFloat;
    }
}
