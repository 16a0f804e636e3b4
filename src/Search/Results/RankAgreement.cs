using DataSsl.Runtime;

namespace DataSsl.Search.Results;

/// <summary>A number with its 95 % interval.</summary>
public readonly record struct Estimate(double Value, double Low, double High);

/// <summary>How alike two rankings of the same things are, with intervals from a percentile bootstrap over the things: what other draws of them would have shown.</summary>
public sealed record RankAgreement(Estimate Spearman, Estimate KendallTauB)
{
    public const int Draws = 2000;

    private const double Tail = 0.025;

    /// <summary>Compares two rankings; not a number where one of the two does not vary.</summary>
    public static RankAgreement Of(IReadOnlyList<double> a, IReadOnlyList<double> b, long seed)
    {
        var random = CounterRandom.For((ulong)seed, "rank agreement", a.Count);
        var (spearman, kendall, x, y) = (new List<double>(), new List<double>(), new double[a.Count], new double[a.Count]);
        for (var draw = 0; draw < Draws; draw++)
        {
            for (var i = 0; i < x.Length; i++)
            {
                var drawn = (int)random.Below(x.Length);
                (x[i], y[i]) = (a[drawn], b[drawn]);
            }
            spearman.Add(RankCorrelation.Spearman(x, y));
            kendall.Add(RankCorrelation.KendallTauB(x, y));
        }
        return new(Around(RankCorrelation.Spearman(a, b), spearman), Around(RankCorrelation.KendallTauB(a, b), kendall));
    }

    /// <summary>Draws of one thing over and over rank nothing and do not count.</summary>
    private static Estimate Around(double value, IEnumerable<double> draws)
    {
        double[] sorted = [.. draws.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? new(value, double.NaN, double.NaN) : new(value, At(Tail), At(1 - Tail));

        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }
}
