using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Search.Candidates;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Walk;

/// <summary>
/// The kernels that a walk keeps laid out (<see cref="ParameterStore.Freeze"/>): of each block one for every choice of widths, in closed
/// form from the plan.
/// </summary>
internal static class SliceMemory
{
    /// <summary>
    /// Weights, counted for the choices that candidates have where they are known beforehand, and for all of the space's otherwise.
    /// </summary>
    public static long Weights(NetworkPlan plan, SearchSpace space, IStrategy strategy)
    {
        var total = 0L;
        for (var s = 0; s < plan.Segments.Count; s++)
        {
            int[] own = [.. space.Segments[s].Axes.Where(a => a != space.Segments[s].DepthAxis)];
            var blocks = plan.Segments[s].Blocks;
            // Only the first block sees how wide the segment before is.
            int[] first = s > 0 && space.Segments[s - 1].ChannelAxis is >= 0 and var before ? [.. own.Union([before])] : own;
            total += Choices(space, strategy, first).Sum(c => Kernels(blocks[0], c))
                + Choices(space, strategy, own).Sum(c => blocks.Skip(1).Sum(block => Kernels(block, c)));
        }
        return total;
    }

    /// <summary>Weights of the neck's matrices: of the first as many as the embedding has lengths.</summary>
    public static long Neck(NetworkPlan plan, SearchSpace space, IStrategy strategy, MlpShape neck)
    {
        int[] own = [.. space.Segments[^1].Axes.Where(a => a != space.Segments[^1].DepthAxis)];
        long[] widths = [.. neck.Widths.Select(width => (long)width)];
        return widths[0] * Choices(space, strategy, own).Select(plan.Segments[^1].Out.At).Distinct().Sum()
            + widths.Zip(widths.Skip(1), (@in, @out) => @in * @out).Sum();
    }

    private static IEnumerable<EquatableArray<int>> Choices(SearchSpace space, IStrategy strategy, int[] axes) =>
        strategy is CandidateSet known ? Had(known.All, axes) : Possible(space, axes);

    private static IEnumerable<EquatableArray<int>> Had(IEnumerable<Architecture> candidates, int[] axes) =>
        candidates.DistinctBy(a => string.Join(',', axes.Select(axis => a[axis]))).Select(a => a.Choices.ToArray().ToEquatableArray());

    private static IEnumerable<EquatableArray<int>> Possible(SearchSpace space, int[] axes)
    {
        IEnumerable<int[]> all = [space.Max.Choices.ToArray()];
        foreach (var axis in axes)
            all = all.SelectMany(
                choices => space.Axes[axis].Values.ToArray().Select(value => (int[])[.. choices[..axis], value, .. choices[(axis + 1)..]]));
        return all.Select(choices => choices.ToEquatableArray());
    }

    private static long Kernels(Block block, EquatableArray<int> choices) => block.Layers
        .Where(layer => layer.IsConvolution)
        .Sum(layer => Kernel(block, layer, choices));

    /// <summary>Weights of one layer.</summary>
    public static long Kernel(Block block, Layer layer, EquatableArray<int> choices) =>
        StateTensor.Of(block, layer).Where(t => t.Role == TensorRole.Weight).Sum(t => t.Count.At(choices));
}
