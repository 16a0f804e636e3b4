using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>What networks got right in a scenario: all by the same method on the same test images.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Right">For each network, which of the test images it named rightly.</param>
public sealed record SurveyAccuracies(string Scenario, IReadOnlyList<bool[]> Right)
{
    /// <summary>Test images.</summary>
    public int Images => Right[0].Length;

    /// <summary>Share of the test images of each network that were named rightly.</summary>
    public IReadOnlyList<double> Values { get; } = [.. Right.Select(right => right.Count(one => one) / (double)right.Length)];

    /// <summary>The rank of each network from 1 for the best; equals share their mean rank.</summary>
    public IReadOnlyList<double> Ranks { get; } = RankCorrelation.Ranks(
        [.. Right.Select(right => -right.Count(one => one) / (double)right.Length)]);

    /// <summary>Wilson's interval of each.</summary>
    public IReadOnlyList<Estimate> Estimates =>
        [
            .. Right.Select(right => new Proportion(right.Count(one => one), right.Length))
                .Select(share => new Estimate(share.Value, share.Low, share.High)),
        ];

    /// <summary>
    /// The share of another scenario's best networks, which are several where they tie, that are in the top tenth here: those whose
    /// accuracy is not below that of the n-th, n being a tenth of the networks, rounded up.
    /// </summary>
    public double TopTenthOfBestOf(SurveyAccuracies other)
    {
        var least = Values.OrderDescending().ElementAt(Tenth(Values.Count) - 1);
        var best = other.Values.Max();
        var bests = Enumerable.Range(0, Values.Count).Where(i => other.Values[i] == best).ToList();
        return bests.Count(i => Values[i] >= least) / (double)bests.Count;
    }

    /// <summary>How many of so many networks are a tenth of them, rounded up.</summary>
    public static int Tenth(int networks) => (networks + 9) / 10;

    /// <summary>
    /// What each network loses against the best of this scenario, by an interval that holds whichever network is the best.
    /// </summary>
    /// <param name="bootstrap">Draws of these test images.</param>
    /// <param name="confidence">Of the intervals.</param>
    /// <remarks>
    /// As <see cref="StudyRegret.BestLessWinner"/>: the best of many is ahead by chance too, so that a difference is bounded by what all
    /// differences from this network take at once. The lower end is above 0 only where some network is truly better.
    /// </remarks>
    public IReadOnlyList<Estimate> Shortfalls(Bootstrap bootstrap, double confidence)
    {
        var (chances, best) = (Right.Select(bootstrap.Chances).ToList(), Values.Max());
        var least = Proportion.Z * Bootstrap.Widening(Images) / Images;
        var (highest, lowest) = (new float[Bootstrap.Draws], new float[Bootstrap.Draws]);
        for (var draw = 0; draw < Bootstrap.Draws; draw++)
            (highest[draw], lowest[draw]) = (chances.Max(c => c[draw]), chances.Min(c => c[draw]));
        return
        [
            .. Values.Index().Select(network =>
            {
                var own = chances[network.Index];
                var away = Enumerable.Range(0, Bootstrap.Draws)
                    .Select(draw => Math.Max((double)highest[draw] - own[draw], (double)own[draw] - lowest[draw])).Order().ToArray();
                var (lost, reach) = (best - network.Item, Math.Max(least, Quantile.Of(away, confidence)));
                return double.IsFinite(reach)
                    ? new Estimate(lost, Math.Max(0, lost - reach), Math.Min(1, lost + reach))
                    : new Estimate(lost, double.NaN, double.NaN);
            }),
        ];
    }
}
