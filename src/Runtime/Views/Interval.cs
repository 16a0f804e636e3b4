using System.Globalization;

namespace DataSsl.Runtime.Views;

/// <summary>An interval that values are drawn from.</summary>
public readonly record struct Interval(double Low, double High)
{
    internal bool IsOrdered => Low <= High;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Low}, {High})");
}
