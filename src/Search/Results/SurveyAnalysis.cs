using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>Makes of accuracies what a survey says of them.</summary>
public static class SurveyAnalysis
{
    /// <summary>What a method found.</summary>
    /// <param name="scenarios">Its accuracies, of all networks in the order of <paramref name="networks"/>.</param>
    /// <param name="slices">Of some of them the accuracies when they were trained alone, by scenario; null where there are none.</param>
    /// <param name="seed">Of the draws of test images.</param>
    public static SurveyMethodResult Of(
        string method, IReadOnlyList<SurveyNetworkFacts> networks, IReadOnlyList<SurveyAccuracies> scenarios,
        (IReadOnlyList<int> Networks, IReadOnlyList<SurveyAccuracies> Alone)? slices, long seed)
    {
        List<double> means = [.. Enumerable.Range(0, networks.Count).Select(n => scenarios.Average(s => s.Ranks[n]))];
        var single = means.IndexOf(means.Min());
        // The intervals of all scenarios hold together (Bonferroni).
        var confidence = 1 - (1 - Bootstrap.Confidence) / scenarios.Count;
        List<IReadOnlyList<Estimate>> shortfalls = [];
        foreach (var scenario in scenarios)
        {
            using var bootstrap = new Bootstrap(scenario.Images, seed);
            shortfalls.Add(scenario.Shortfalls(bootstrap, confidence));
        }
        return new(
            method, [.. scenarios.Select(s => s.Estimates)], [.. scenarios.Select(s => s.Ranks)], means,
            [.. scenarios.Select(s => Sizes(s, networks))],
            [
                .. from a in Enumerable.Range(0, scenarios.Count)
                   from b in Enumerable.Range(a + 1, scenarios.Count - a - 1)
                   select Pair(scenarios[a], scenarios[b]),
            ],
            [.. scenarios.Select(a => (IReadOnlyList<double>)[.. scenarios.Select(b => a == b ? 1 : b.TopTenthOfBestOf(a))])],
            new(
                single,
                [
                    .. scenarios.Zip(
                        shortfalls, (s, losses) => new SurveyLoss(s.Scenario, s.Values.ToList().IndexOf(s.Values.Max()), losses[single])),
                ]),
            [.. Enumerable.Range(0, networks.Count).Where(n => !shortfalls.Exists(losses => losses[n].Low > 0))],
            slices is var (places, alone) ? [.. scenarios.Zip(alone, (slice, own) => Slices(slice, places, own))] : null);
    }

    /// <summary>The answer in a sentence.</summary>
    public static string Sentence(SurveyMethodResult of, IReadOnlyList<SurveyNetworkFacts> networks)
    {
        var (single, scenarios) = (networks[of.Single.Network].Name, of.Ranks.Count);
        var worst = of.Single.Losses.MaxBy(loss => loss.BestLessSingle.Value)!;
        var loses = worst.BestLessSingle.Value > 0
            ? FormattableString.Invariant(
                $"loses {Points(worst.BestLessSingle.Value)}{Interval(worst.BestLessSingle)} against {networks[worst.Best].Name} on {worst.Scenario}")
            : "is the best of each";
        var rank = FormattableString.Invariant($"a mean rank of {of.MeanRanks[of.Single.Network]:0.0} of {networks.Count:N0}");
        if (of.Ranks.Count == 1)
            return FormattableString.Invariant($"One scenario alone says nothing of others: {single} is its best of {networks.Count:N0}.");
        return of.ForAll switch
        {
            [] => FormattableString.Invariant(
                $"No: none of the {networks.Count:N0} networks is among the best of all {scenarios:N0} scenarios; {single}, the best on average ({rank}), {loses}."),
            var all when all.Contains(of.Single.Network) => FormattableString.Invariant(
                $"It cannot be told that there is none: {single} ({rank}) cannot be told from the best of any of the {scenarios:N0} scenarios{(all.Count > 1 ? FormattableString.Invariant($", nor can {all.Count - 1:N0} other{(all.Count > 2 ? "s" : "")}") : "")}; it {loses}."),
            var all => FormattableString.Invariant(
                $"It cannot be told that there is none: {networks[all[0]].Name}{(all.Count > 1 ? FormattableString.Invariant($" and {all.Count - 1:N0} other{(all.Count > 2 ? "s" : "")}") : "")} cannot be told from the best of any of the {scenarios:N0} scenarios; {single}, the best on average ({rank}), {loses}."),
        };
    }

    private static string Points(double share) => FormattableString.Invariant($"{100 * share:0.0} points");

    private static string Interval(Estimate e) =>
        double.IsFinite(e.Low) ? FormattableString.Invariant($" ({100 * e.Low:0.0} to {100 * e.High:0.0})") : "";

    private static SurveySizes Sizes(SurveyAccuracies scenario, IReadOnlyList<SurveyNetworkFacts> networks)
    {
        return new(
            scenario.Scenario, With(n => n.Macs), With(n => n.Parameters), With(n => n.Early), With(n => n.Late),
            With(n => (double)n.Early / n.Late));

        Estimate With(Func<SurveyNetworkFacts, double> size) => RankAgreement.Of([.. networks.Select(size)], scenario.Values).Spearman;
    }

    private static SurveyPair Pair(SurveyAccuracies one, SurveyAccuracies other) => new(
        one.Scenario, other.Scenario, RankAgreement.Of(one.Values, other.Values).Spearman, PearsonCorrelation.Of(one.Values, other.Values));

    private static SurveySlices Slices(SurveyAccuracies slices, IReadOnlyList<int> places, SurveyAccuracies alone)
    {
        List<double> same = [.. places.Select(place => slices.Values[place])];
        return new(
            slices.Scenario, places, alone.Values, RankAgreement.Of(same, alone.Values).Spearman,
            PearsonCorrelation.Of(same, alone.Values));
    }
}
