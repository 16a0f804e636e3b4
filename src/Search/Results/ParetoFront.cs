namespace DataSsl.Search.Results;

/// <summary>
/// The candidates that nothing beats: no other costs at most as much and scores at least as high, one of the two strictly better.
/// </summary>
public static class ParetoFront
{
    /// <summary>
    /// The front by rising cost; candidates equal in both numbers all belong. Those whose cost or score is not a finite number take no
    /// part.
    /// </summary>
    /// <param name="costs">Cost of each candidate.</param>
    /// <param name="scores">Score of each candidate; higher is better.</param>
    /// <param name="members">Positions of the candidates that compete.</param>
    /// <returns>Positions.</returns>
    public static int[] Of(IReadOnlyList<double> costs, IReadOnlyList<double> scores, IEnumerable<int> members)
    {
        var front = new List<int>();
        var (best, bestCost) = (double.NegativeInfinity, double.NaN);
        var ordered = members
            .Where(i => double.IsFinite(costs[i]) && double.IsFinite(scores[i]))
            .OrderBy(i => costs[i]).ThenByDescending(i => scores[i]).ThenBy(i => i);
        foreach (var i in ordered)
        {
            if (scores[i] < best || (scores[i] == best && costs[i] != bestCost)) continue;
            (best, bestCost) = (scores[i], costs[i]);
            front.Add(i);
        }
        return [.. front];
    }
}
