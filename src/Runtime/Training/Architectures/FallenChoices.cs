using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>
/// Sees whether choices have fallen to their smallest though no budget asked for it: darts is known to end in skips, which train fastest
/// (Zela et al. 2020; Chu et al. 2020).
/// </summary>
public static class FallenChoices
{
    /// <summary>The probability of the smallest value from which on a choice counts as fallen.</summary>
    public const double Fallen = 0.9;

    /// <summary>What has fallen, in words; null where nothing has, or a budget asks for it.</summary>
    /// <param name="probabilities">By axis, of its values.</param>
    /// <param name="isNearBudget">Whether the mean cost is at the end of the budget.</param>
    public static string? Of(SearchSpace space, IReadOnlyList<double[]> probabilities, bool isNearBudget)
    {
        if (isNearBudget) return null;
        var open = Enumerable.Range(0, space.Axes.Count).Where(axis => space.Axes[axis].Values.Count > 1).ToList();
        var depths = space.Segments.Select(segment => segment.DepthAxis).Where(open.Contains).ToList();
        return open.Count > 0 && open.TrueForAll(Is) ? "all choices have fallen to their smallest"
            : depths.Count > 0 && depths.TrueForAll(Is) ? "all depths have fallen to their smallest"
            : null;

        bool Is(int axis) => probabilities[axis][0] >= Fallen;
    }
}
