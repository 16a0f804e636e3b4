namespace DataSsl.Search.Results;

/// <summary>How sure a winner is, by a bootstrap over the images; of one image alone nothing can be said.</summary>
/// <param name="Low">Lower end of the score's 95 % interval.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Tied">Indices of the members that cannot be told from the winner at 95 %, itself included; -1 for one off the grid.</param>
/// <param name="Cheapest">The one of them with the fewest multiply-accumulates.</param>
public sealed record Confidence(double Low, double High, IReadOnlyList<long> Tied, Candidate Cheapest);
