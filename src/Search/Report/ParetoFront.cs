using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>The candidates that nothing beats: no other has at most their MACs and at least their score, one of the two strictly better.</summary>
public static class ParetoFront
{
    /// <summary>The front of one task by rising MACs; candidates equal in both numbers all belong. Those without a finite score for the task do not take part.</summary>
    public static IReadOnlyList<Candidate> Of(IEnumerable<Candidate> candidates, string task)
    {
        var front = new List<Candidate>();
        var (best, bestMacs) = (double.NegativeInfinity, -1L);
        var ordered = candidates
            .Select(c => (Candidate: c, Score: c.Scores.GetValueOrDefault(task, double.NaN)))
            .Where(c => double.IsFinite(c.Score))
            .OrderBy(c => c.Candidate.Macs).ThenByDescending(c => c.Score).ThenBy(c => c.Candidate.Index);
        foreach (var (candidate, score) in ordered)
        {
            if (score < best || (score == best && candidate.Macs != bestMacs)) continue;
            (best, bestMacs) = (score, candidate.Macs);
            front.Add(candidate);
        }
        return front;
    }
}
