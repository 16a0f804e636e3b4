using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>Pearson's correlation of two lists of numbers of the same things.</summary>
public static class PearsonCorrelation
{
    /// <summary>Two lists that are one another's multiple tell no more than that: no interval begins beyond it.</summary>
    private const double Most = 1 - 1e-12;

    /// <summary>
    /// The coefficient with Fisher's 95 % interval, normal in its inverse hyperbolic tangent with variance 1 / (n - 3): what other draws of
    /// the things would have shown. Not a number where one of the lists does not vary; no interval for fewer than five things.
    /// </summary>
    public static Estimate Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var value = Math.Clamp(Coefficient(a, b), -1, 1);
        if (a.Count < RankAgreement.Fewest || !double.IsFinite(value)) return new(value, double.NaN, double.NaN);
        var (centre, half) = (Math.Atanh(Math.Clamp(value, -Most, Most)), Proportion.Z / Math.Sqrt(a.Count - 3));
        return new(value, Math.Min(value, Math.Tanh(centre - half)), Math.Max(value, Math.Tanh(centre + half)));
    }

    /// <summary>The coefficient alone, to rounding; not a number where one of the lists does not vary.</summary>
    internal static double Coefficient(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count) throw new ArgumentException($"{a.Count} values against {b.Count}", nameof(b));
        var (meanA, meanB) = (a.Average(), b.Average());
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Count; i++)
        {
            var (da, db) = (a[i] - meanA, b[i] - meanB);
            (ab, aa, bb) = (ab + da * db, aa + da * da, bb + db * db);
        }
        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) : double.NaN;
    }
}
