using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>A winner and the number by which the pictures, the words and the table all call it.</summary>
internal sealed record NumberedWinner(int Number, Winner Winner)
{
    /// <summary>The id of its row, which its marks link to.</summary>
    public string RowId => $"winner-{Number}";

    /// <summary>Its score for its task; NaN where the search did not note it.</summary>
    public double Score => Winner.Candidate.Scores.GetValueOrDefault(Winner.Task, double.NaN);

    /// <summary>Numbers the winners in the order of the tasks, then as the search lists them.</summary>
    public static IReadOnlyList<NumberedWinner> All(SearchResult result)
    {
        var order = result.Tasks.Select((t, i) => (t.Name, i)).DistinctBy(t => t.Name).ToDictionary(t => t.Name, t => t.i);
        return [.. result.Winners.OrderBy(w => order.GetValueOrDefault(w.Task, int.MaxValue)).Select((w, i) => new NumberedWinner(i + 1, w))];
    }
}
