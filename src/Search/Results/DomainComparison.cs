namespace DataSsl.Search.Results;

/// <summary>One ranking on the searched images beside the same candidates' ranking on others.</summary>
/// <param name="Data">The other images.</param>
/// <param name="Spearman">Rank correlation of the members' scores on both.</param>
/// <param name="OtherWinner">The best on the other images, with its scores there.</param>
/// <param name="OtherWinnerRankHere">Its rank on the searched images, 1 for the best: what searching on the wrong images costs.</param>
/// <param name="WinnerRankThere">The rank of the searched images' winner on the others.</param>
public sealed record DomainComparison(
    string Data, string Task, string Budget, int Members, double? Spearman, Candidate OtherWinner, int OtherWinnerRankHere,
    int WinnerRankThere)
{
    /// <summary>Compares two searches over the same candidates, tasks and budgets.</summary>
    /// <param name="members">Architectures of each budget by its text.</param>
    public static IReadOnlyList<DomainComparison> Of(
        SearchResult here, SearchResult there, string data, IReadOnlyDictionary<string, IReadOnlyList<string>> members)
    {
        var (own, other) = (here.Candidates.ToDictionary(c => c.Architecture), there.Candidates.ToDictionary(c => c.Architecture));
        return [.. here.Winners.Zip(there.Winners, Compare)];

        DomainComparison Compare(Winner winner, Winner otherWinner)
        {
            var group = members[winner.Budget];
            var (a, b) = (Scores(own), Scores(other));
            var spearman = RankCorrelation.Spearman(a, b);
            return new(
                data, winner.Task, winner.Budget, group.Count, double.IsFinite(spearman) ? spearman : null, otherWinner.Candidate,
                Rank(a, own[otherWinner.Candidate.Architecture]), Rank(b, other[winner.Candidate.Architecture]));

            List<double> Scores(Dictionary<string, Candidate> of) => [.. group.Select(g => of[g].Scores[winner.Task])];

            int Rank(List<double> scores, Candidate candidate) => 1 + scores.Count(s => s > candidate.Scores[winner.Task]);
        }
    }
}
