using System.Globalization;

namespace DataSsl.Search.Report;

/// <summary>A linear scale from values to page units, with round ticks.</summary>
/// <param name="Low">Value at <paramref name="From"/>.</param>
/// <param name="High">Value at <paramref name="To"/>; above <paramref name="Low"/>.</param>
internal sealed record Axis(double Low, double High, double From, double To)
{
    /// <summary>A scale over the values with some air at both ends; a single value gets a range of its own.</summary>
    public static Axis Over(IEnumerable<double> values, double from, double to)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) (low, high) = (0, 1);
        var air = high > low ? 0.05 * (high - low) : Math.Max(0.1 * Math.Abs(low), 1e-6);
        return new(low - air, high + air, from, to);
    }

    /// <summary>Where a value lies on the page.</summary>
    public double At(double value) => From + (value - Low) / (High - Low) * (To - From);

    public bool Shows(double value) => value >= Low && value <= High;

    /// <summary>The distance between ticks: the smallest of 1, 2, 5 times a power of ten that needs no more than <paramref name="most"/> of them.</summary>
    public double Step(int most)
    {
        var least = (High - Low) / most;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * (least / power) switch { <= 1 + 1e-9 => 1, <= 2 + 1e-9 => 2, <= 5 + 1e-9 => 5, _ => 10 };
    }

    /// <summary>Round values within the range, at most about <paramref name="most"/>.</summary>
    public IEnumerable<double> Ticks(int most)
    {
        var step = Step(most);
        // Multiples by index: adding the step up would drift.
        for (var i = (long)Math.Ceiling(Low / step - 1e-9); i * step <= High + 1e-9 * step; i++) yield return i * step;
    }

    /// <summary>Tick labels with just the decimals that tell neighbours apart.</summary>
    public string Label(double tick, int most)
    {
        var decimals = Math.Clamp((int)-Math.Floor(Math.Log10(Step(most)) + 1e-9), 0, 10);
        return tick.ToString("F" + decimals, CultureInfo.InvariantCulture);
    }
}
