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
    public double Low => Wilson(Value, Count).Low;

    /// <summary>The interval's upper end.</summary>
    public double High => Wilson(Value, Count).High;

    /// <summary>The interval of a share of so many, which need not be a whole number of them.</summary>
    internal static (double Low, double High) Wilson(double share, int count)
    {
        var middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count);
        var half = Z / (1 + Z * Z / count) * Math.Sqrt((share * (1 - share) + Z * Z / (4 * count)) / count);
        return (share == 0 ? 0 : middle - half, share == 1 ? 1 : middle + half);
    }
}
