using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>The architecture that probabilities end in.</summary>
/// <param name="Architecture">It.</param>
/// <param name="Probability">Of drawing it.</param>
/// <param name="IsProven">
/// Whether no member of the grid within the budget is likelier; false where the search for one was cut short.
/// </param>
public sealed record LikeliestArchitecture(Architecture Architecture, double Probability, bool IsProven)
{
    /// <summary>Choices that are looked at: seconds.</summary>
    public const int MostLooks = 2_000_000;

    /// <summary>
    /// The most probable member of the grid that keeps all limits, by branch and bound: axis after axis, likely values first, and no
    /// further where the rest at its likeliest is not better than what is found, where its constraints have no member, or where its costs
    /// at the smallest and at the largest both lie outside a limit on one side. Costs grow with every choice.
    /// </summary>
    /// <param name="probabilities">By axis, of its values.</param>
    /// <param name="limits">On MACs and parameters.</param>
    /// <param name="size">Side of the images in pixels.</param>
    /// <param name="mostLooks">After which the best so far is taken.</param>
    /// <returns>Null where no member is within the limits, or none was found.</returns>
    public static LikeliestArchitecture? Within(
        SearchSpace space, IReadOnlyList<double[]> probabilities, IReadOnlyList<BudgetLimit> limits, int size, int mostLooks = MostLooks)
    {
        var axes = space.Axes.Select((axis, i) => axis.Values.Zip(probabilities[i], (value, p) => (Value: value, Log: Math.Log(p)))
            .OrderByDescending(choice => choice.Log).ThenBy(choice => choice.Value).ToArray()).ToArray();
        var rest = new double[axes.Length + 1];
        for (var i = axes.Length - 1; i >= 0; i--) rest[i] = rest[i + 1] + axes[i][0].Log;
        var (low, high, looks) = (space.Min.Choices.ToArray(), space.Max.Choices.ToArray(), 0);
        int[]? best = null;
        var bestLog = double.NegativeInfinity;
        Descend(0, 0);
        return best is null ? null : new(new(space, best), Math.Exp(bestLog), looks <= mostLooks);

        void Descend(int axis, double log)
        {
            if (axis == axes.Length)
            {
                (best, bestLog) = ([.. low], log);
                return;
            }
            var (smallest, largest) = (low[axis], high[axis]);
            foreach (var (value, own) in axes[axis])
            {
                // The values to come are less likely still.
                if (log + own + rest[axis + 1] <= bestLog || ++looks > mostLooks) break;
                low[axis] = high[axis] = value;
                if (space.HasMember(low, axis + 1) && MayKeep()) Descend(axis + 1, log + own);
            }
            (low[axis], high[axis]) = (smallest, largest);
        }

        bool MayKeep()
        {
            if (limits.Count == 0) return true;
            var (cheapest, dearest) = (new Architecture(space, low), new Architecture(space, high));
            return limits.All(
                limit =>
                    LearningOptions.Cost(limit.Measure, cheapest, size) < limit.To
                        && LearningOptions.Cost(limit.Measure, dearest, size) >= limit.From);
        }
    }
}
