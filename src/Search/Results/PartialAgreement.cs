using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>How well a score orders subnets beyond what their size says, which orders them too.</summary>
/// <param name="Given">What is set aside: <c>MACs</c>, <c>parameters</c>, or both.</param>
/// <param name="Spearman">The partial rank correlation (<see cref="RankCorrelation.PartialSpearman"/>), with a 95 % percentile interval
/// over draws of the subnets with replacement.</param>
public sealed record PartialAgreement(string Given, Estimate Spearman)
{
    /// <summary>Draws of the subnets.</summary>
    private const int Draws = 1000;

    /// <summary>
    /// Subnets beside one for each ranking set aside below which there is no interval, as for <see cref="RankAgreement"/>.
    /// </summary>
    private const int Fewest = 5;

    /// <summary>Compares a score with what was measured.</summary>
    /// <param name="given">What is set aside, by name.</param>
    /// <param name="seed">Of the draws.</param>
    public static PartialAgreement Of(
        IReadOnlyList<double> score, IReadOnlyList<double> measured, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> given,
        long seed)
    {
        var value = RankCorrelation.PartialSpearman(score, measured, [.. given.Select(g => g.Values)]);
        var name = string.Join(" and ", given.Select(g => g.Name));
        if (!double.IsFinite(value) || score.Count < Fewest + given.Count) return new(name, new(value, double.NaN, double.NaN));
        // Of two equal rankings every draw is equal too, and says nothing of others.
        if (Math.Abs(value) > 1 - 1e-9) return new(name, RankAgreement.OfSpearman(value, score.Count - given.Count));
        var random = CounterRandom.For((ulong)seed, "partial correlation", score.Count);
        var (drawn, places) = (new List<double>(Draws), new int[score.Count]);
        for (var draw = 0; draw < Draws; draw++)
        {
            foreach (ref var place in places.AsSpan()) place = (int)random.Below(score.Count);
            // Now and then a draw is of a few subnets, of which size leaves nothing.
            if (RankCorrelation.PartialSpearman(At(score), At(measured), [.. given.Select(g => At(g.Values))]) is var one
                && double.IsFinite(one))
                drawn.Add(one);
        }
        var sorted = drawn.Order().ToArray();
        return new(
            name,
            new(
                value, Math.Min(value, Quantile.Of(sorted, (1 - Bootstrap.Confidence) / 2)),
                Math.Max(value, Quantile.Of(sorted, (1 + Bootstrap.Confidence) / 2))));

        double[] At(IReadOnlyList<double> values) => Array.ConvertAll(places, place => values[place]);
    }
}
