using System.Numerics;

namespace DataSsl.Runtime.Evaluation;

/// <summary>Quantiles of what was drawn.</summary>
public static class Quantile
{
    /// <summary>Between the two nearest of the sorted values, as numpy does by default.</summary>
    /// <param name="sorted">At least one, the least first.</param>
    /// <param name="share">Of them below it, 0 to 1.</param>
    public static double Of<T>(T[] sorted, double share) where T : INumber<T>
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var (low, high) = (double.CreateChecked(sorted[below]), double.CreateChecked(sorted[Math.Min(below + 1, sorted.Length - 1)]));
        return low + (place - below) * (high - low);
    }

    /// <summary>How many of sorted values are below another.</summary>
    /// <param name="sorted">The least first.</param>
    /// <param name="value">The other.</param>
    /// <param name="orEqual">Whether those that equal it count too.</param>
    public static int Below(double[] sorted, double value, bool orEqual = false)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || orEqual && sorted[middle] == value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
