namespace DataSsl.Search.Emit.Dense;

/// <summary>How images come to a network for a dense task.</summary>
/// <param name="ShortSide">Pixels of the short side, unless the long one would have more than it may.</param>
/// <param name="LongSide">Pixels of the long side, at most.</param>
/// <param name="Mean">Of red, green and blue from 0 to 1: subtracted.</param>
/// <param name="Deviation">Of each: divides after that.</param>
public sealed record ImageRule(int ShortSide, int LongSide, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation);
