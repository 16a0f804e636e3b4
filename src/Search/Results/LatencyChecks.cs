using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;

namespace DataSsl.Search.Results;

/// <summary>
/// Times whole what a latency budget's search would hand out: its winners, the cheapest that cannot be told from them, and others of the
/// front of score against latency.
/// </summary>
internal static class LatencyChecks
{
    /// <summary>Of the front of each task, spread evenly over it.</summary>
    private const int OfFront = 4;

    public static IReadOnlyList<LatencyCheck> Of(
        LatencyTable table, IReadOnlyList<Winner> winners, IReadOnlyDictionary<Architecture, Candidate> candidates)
    {
        var all = candidates.ToList();
        double[] latencies = [.. all.Select(c => c.Value.Latency!.Value)];
        var front = winners.Select(w => w.Task).Distinct()
            .SelectMany(
                task => Spread(ParetoFront.Of(latencies, [.. all.Select(c => c.Value.Scores[task])], [.. Enumerable.Range(0, all.Count)])));
        var shown = winners.SelectMany(w => new[] { w.Candidate.Architecture, w.Confidence?.Cheapest.Architecture }).OfType<string>()
            .Concat(front.Select(i => all[i].Value.Architecture)).ToHashSet();
        return
        [
            .. all.Where(c => shown.Contains(c.Value.Architecture))
                .Select(c => new LatencyCheck(c.Value.Architecture, c.Value.Latency!.Value, table.Whole(c.Key))),
        ];
    }

    private static IEnumerable<int> Spread(int[] front) =>
        front.Length <= OfFront ? front : Enumerable.Range(0, OfFront).Select(i => front[i * (front.Length - 1) / (OfFront - 1)]);
}
