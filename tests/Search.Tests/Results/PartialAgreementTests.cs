using DataSsl.Runtime;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Results;

public sealed class PartialAgreementTests
{
    /// <summary>The textbook's recursion over pairwise coefficients, which knows nothing of residuals.</summary>
    [Fact]
    public void It_is_that_of_the_recursion_over_pairs()
    {
        var random = CounterRandom.For(3, "partial");
        for (var round = 0; round < 200; round++)
        {
            var all = new double[4][];
            for (var of = 0; of < all.Length; of++)
            {
                all[of] = new double[6 + round % 30];
                // With ties.
                for (var i = 0; i < all[of].Length; i++)
                    all[of][i] = Math.Round(3 * (random.NextNormal() + (of > 0 ? all[of - 1][i] / 3 : 0)));
            }
            var (a, b, c, d) = (all[0], all[1], all[2], all[3]);
            double abc = Without(RankCorrelation.Spearman(a, b), RankCorrelation.Spearman(a, c), RankCorrelation.Spearman(b, c)),
            adc = Without(RankCorrelation.Spearman(a, d), RankCorrelation.Spearman(a, c), RankCorrelation.Spearman(d, c)),
                bdc = Without(RankCorrelation.Spearman(b, d), RankCorrelation.Spearman(b, c), RankCorrelation.Spearman(d, c));
            if (!double.IsFinite(abc) || !double.IsFinite(adc * bdc)) continue;
            Assert.Equal(abc, RankCorrelation.PartialSpearman(a, b, c), 1e-9);
            Assert.Equal(Without(abc, adc, bdc), RankCorrelation.PartialSpearman(a, b, c, d), 1e-9);
        }

        static double Without(double xy, double xz, double yz) => (xy - xz * yz) / Math.Sqrt((1 - xz * xz) * (1 - yz * yz));
    }

    [Fact]
    public void A_score_that_is_size_alone_says_nothing_beyond_it()
    {
        double[] size = [1, 2, 3, 4, 5, 6], score = [2, 4, 6, 8, 10, 12], accuracy = [1, 3, 2, 5, 4, 6];
        Assert.True(double.IsNaN(RankCorrelation.PartialSpearman(score, accuracy, size)));
        Assert.True(double.IsNaN(PartialAgreement.Of(score, accuracy, [("MACs", size)], 0).Spearman.Low));
        // Two equal rankings are of a likeness that other subnets may not show.
        var equal = PartialAgreement.Of(
            [1, 3, 2, 5, 4, 6, 9, 7, 8], [1, 3, 2, 5, 4, 6, 9, 7, 8], [("MACs", [1, 2, 3, 4, 5, 6, 7, 8, 9])], 0).Spearman;
        Assert.Equal((1, 1), (equal.Value, equal.High));
        Assert.InRange(equal.Low, 0.5, 0.99);
        // One of two that are set aside may say nothing that the other does not.
        Assert.Equal(
            RankCorrelation.PartialSpearman(accuracy, [6, 1, 2, 3, 5, 4], size),
            RankCorrelation.PartialSpearman(accuracy, [6, 1, 2, 3, 5, 4], size, score), 1e-12);
    }

    /// <summary>
    /// Score, accuracy and two sizes of one normal distribution, whose rank correlations are 6 asin(r / 2) / pi (Kruskal 1958), and the
    /// partial ones their recursion: nineteen intervals in twenty hold them, within what the rounds leave open and the draws of few subnets
    /// widen.
    /// </summary>
    [Theory]
    [InlineData(10, 0.5, false)]
    [InlineData(20, 0, false)]
    [InlineData(20, 0.8, true)]
    public void Intervals_hold_the_truth_as_often_as_they_say(int count, double own, bool both)
    {
        const int rounds = 250;
        const double size = 0.7, likeness = 0.95;
        var random = CounterRandom.For(5, "partial coverage", count);
        var rest = Math.Sqrt(1 - size * size);
        double xy = Rank(size * size + own * rest * rest), xz = Rank(size), xw = Rank(size * likeness), zw = Rank(likeness);
        // Score and accuracy stand in the same relation to the sizes.
        var truth = both ? Without(Without(xy, xz, xz), Without(xw, xz, zw), Without(xw, xz, zw)) : Without(xy, xz, xz);
        var held = 0;
        for (var round = 0; round < rounds; round++)
        {
            double[] score = new double[count], accuracy = new double[count], macs = new double[count], parameters = new double[count];
            for (var i = 0; i < count; i++)
            {
                macs[i] = random.NextNormal();
                parameters[i] = likeness * macs[i] + Math.Sqrt(1 - likeness * likeness) * random.NextNormal();
                var skill = random.NextNormal();
                score[i] = size * macs[i] + rest * skill;
                accuracy[i] = size * macs[i] + rest * (own * skill + Math.Sqrt(1 - own * own) * random.NextNormal());
            }
            var found = PartialAgreement.Of(score, accuracy, both ? [("MACs", macs), ("parameters", parameters)] : [("MACs", macs)], round);
            Assert.Equal(both ? "MACs and parameters" : "MACs", found.Given);
            if (found.Spearman.Low <= truth && truth <= found.Spearman.High) held++;
        }
        Assert.InRange(held, 0.92 * rounds, rounds);
        // Not by being wide: a fortieth of the rounds in each tail.
        Assert.True(held < rounds, "an interval that always holds is too wide");

        static double Rank(double r) => 6 / Math.PI * Math.Asin(r / 2);

        static double Without(double xy, double xz, double yz) => (xy - xz * yz) / Math.Sqrt((1 - xz * xz) * (1 - yz * yz));
    }
}
