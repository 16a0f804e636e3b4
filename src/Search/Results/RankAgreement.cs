using System.Text.Json.Serialization;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>
/// A number with its 95 % interval; not a number where it is not defined, as a rank correlation where one ranking does not vary.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct Estimate(double Value, double Low, double High);

/// <summary>
/// How alike two rankings of the same things are, with intervals for what other draws of the things would have shown: normal ones of the
/// coefficient's inverse hyperbolic tangent, of variance (1 + r^2 / 2) / (n - 3) for Spearman's (Bonett and Wright 2000) and 0.437 / (n -
/// 4) for Kendall's (Fieller, Hartley and Pearson 1957). For fewer than five things there is none.
/// </summary>
public sealed record RankAgreement(Estimate Spearman, Estimate KendallTauB)
{
    /// <summary>Things below which there is no interval.</summary>
    internal const int Fewest = 5;

    /// <summary>Compares two rankings; not a number where one of the two does not vary.</summary>
    public static RankAgreement Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double n = a.Count;
        return new(
            OfSpearman(RankCorrelation.Spearman(a, b), n),
            Around(RankCorrelation.KendallTauB(a, b), n, 1 - 4 / (n * (n - 1)), _ => 0.437 / (n - 4)));
    }

    /// <summary>Spearman's coefficient of so many things.</summary>
    internal static Estimate OfSpearman(double value, double n) =>
        Around(value, n, 1 - 12 / (n * (n * n - 1)), r => (1 + r * r / 2) / (n - 3));

    /// <param name="most">Of two rankings of which one has two neighbours exchanged: two equal ones tell no more than these.</param>
    private static Estimate Around(double value, double n, double most, Func<double, double> variance)
    {
        if (n < Fewest || !double.IsFinite(value)) return new(value, double.NaN, double.NaN);
        var r = Math.Clamp(value, -most, most);
        var half = Proportion.Z * Math.Sqrt(variance(r));
        return new(value, Math.Min(value, Math.Tanh(Math.Atanh(r) - half)), Math.Max(value, Math.Tanh(Math.Atanh(r) + half)));
    }
}
