namespace DataSsl.Search.Emit.Dense;

/// <summary>How boxes come of codes for references (Girshick et al. 2014, R-CNN, appendix C).</summary>
/// <param name="Center">What the codes' shifts of the middle are multiplied by.</param>
/// <param name="Size">What their logarithms of the sides are.</param>
/// <param name="Largest">The largest logarithm of a side by that of its reference.</param>
/// <param name="SmallestSide">Boxes with a shorter one are none, in pixels.</param>
public sealed record BoxRule(double Center, double Size, double Largest, double SmallestSide);
