namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// A share that was counted, with its 95 % confidence interval (Wilson 1927), which stays within [0, 1] and holds for small counts too.
/// </summary>
/// <param name="Hits">How many did.</param>
/// <param name="Count">Of how many; at least 1.</param>
public readonly record struct Proportion(int Hits, int Count)
{
    /// <summary>The normal distribution's 97.5 % point.</summary>
    public const double Z = 1.959963984540054;

    /// <summary>The share itself, from 0 to 1.</summary>
    public double Value => (double)Hits / Count;

    /// <summary>The interval's lower end.</summary>
    public double Low => Hits == 0 ? 0 : Middle - HalfWidth;

    /// <summary>The interval's upper end.</summary>
    public double High => Hits == Count ? 1 : Middle + HalfWidth;

    private double Middle => (Value + Z * Z / (2 * Count)) / (1 + Z * Z / Count);

    private double HalfWidth => Z / (1 + Z * Z / Count) * Math.Sqrt((Value * (1 - Value) + Z * Z / (4 * Count)) / Count);
}
