using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Candidates;

/// <summary>
/// Which architectures of the budgets a search scores: known beforehand (<see cref="CandidateSet"/>), or chosen by the scores of earlier
/// ones (<see cref="Evolution"/>).
/// </summary>
public interface IStrategy
{
    /// <summary>Candidates that are scored at most.</summary>
    int Most { get; }

    /// <summary>Architectures of which one at least takes as much memory as any candidate.</summary>
    IReadOnlyCollection<Architecture> Largest { get; }

    /// <summary>
    /// The candidates round by round, each set with all of the one before. What a set adds is scored, by one walk, before the next is asked
    /// for; winners are found in the last. The sets depend on the scores alone, so that a search which goes on runs through the same ones.
    /// </summary>
    /// <param name="scoresOf">Scores by task of a candidate of the rounds so far.</param>
    IEnumerable<CandidateSet> Rounds(Func<Architecture, IReadOnlyList<double>> scoresOf);
}
