using System.Xml.Linq;
using DataSsl.Search.Results;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>What was found, in words.</summary>
internal static class Summary
{
    public static IEnumerable<XElement> Of(SearchResult result, IReadOnlyList<NumberedWinner> winners)
    {
        yield return E("p", $"{Numbers.Of(result.Candidates.Count, "architecture")} of the space ", E("b", result.Space),
            $" {(result.Candidates.Count == 1 ? "was" : "were")} scored without labels at {result.Size} × {result.Size} pixels for {List(result.Tasks.Select(t => t.Name))}, in {Numbers.Duration(result.ElapsedSeconds)}.");
        foreach (var task in winners.GroupBy(w => w.Winner.Task))
            yield return E("p", E("b", task.Key), ": ", string.Join("; ", task.Select(Sentence)) + ".");
        if (Proofs(winners) is { } proofs) yield return E("p", proofs);
    }

    private static string Sentence(NumberedWinner winner)
    {
        var candidate = winner.Winner.Candidate;
        return $"within {winner.Winner.Budget}, winner {winner.Number} scores {Numbers.Score(winner.Score)}, the best of {Numbers.Count(winner.Winner.Members)}, "
            + $"with {Numbers.Short(candidate.Macs)} MACs and {Numbers.Short(candidate.Parameters)} parameters";
    }

    private static string? Proofs(IReadOnlyList<NumberedWinner> winners)
    {
        var emitted = winners.Count(w => w.Winner.ClassName is not null);
        if (emitted == 0) return winners.Count == 0 ? "There is no winner." : "No winner has been emitted as a class yet.";
        var differences = winners.Select(w => w.Winner.ProofMaxAbsDifference).OfType<double>().ToList();
        if (differences.Count == 0) return $"{emitted} of {Numbers.Of(winners.Count, "winner")} left as a C# class; none is proven yet.";
        var worst = differences.Max();
        return $"{differences.Count} of {Numbers.Of(winners.Count, "winner")} left as a C# class proven on real images to equal {(worst == 0 ? "exactly" : $"within {Numbers.Difference(worst)}")} the slice of the supernet that it came from.";
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }
}
