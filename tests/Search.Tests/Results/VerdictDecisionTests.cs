using DataSsl.Runtime;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Results;

public sealed class VerdictDecisionTests
{
    /// <summary>The table that statistics books end with.</summary>
    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(5, 2.5706)]
    [InlineData(19, 2.0930)]
    [InlineData(60, 2.0003)]
    [InlineData(120, 1.9799)]
    [InlineData(1e7, 1.9600)]
    public void Student_s_point_is_that_of_the_table(double freedom, double expected) =>
        Assert.Equal(expected, Student.Point(freedom), 1e-4);

    /// <summary>
    /// Of one seed it is the paired comparison of a textbook: the mean difference and Student's point times its standard error.
    /// </summary>
    [Fact]
    public void Of_one_seed_it_is_the_paired_comparison_by_image()
    {
        var (winner, other, _) = Plant(new(Seeds: 1, Images: 400, Gain: 0.3), 1);
        var difference = Assert.Single(PairedDifference.Of(winner, [other], seed: 0));
        var byImage = winner[0].Zip(other[0], (a, b) => (a ? 1.0 : 0) - (b ? 1.0 : 0)).ToList();
        var mean = byImage.Average();
        var error = Math.Sqrt(byImage.Sum(d => (d - mean) * (d - mean)) / 399 / 400);
        Assert.Equal(mean, difference.Value, 1e-12);
        Assert.Equal(mean - 1.966 * error, difference.Low, 0.1 * error);
        Assert.Equal(mean + 1.966 * error, difference.High, 0.1 * error);
    }

    /// <summary>Images that are hard for both say nothing of the difference, and seeds that are bad for both neither.</summary>
    [Fact]
    public void What_is_the_same_for_both_does_not_count()
    {
        var (winner, _, _) = Plant(new(Seeds: 3, Images: 200, Gain: 0, SeedSpread: 1), 1);
        var same = PairedDifference.Of(winner, [winner], seed: 0).Single();
        Assert.Equal(0, same.Value);
        // One of 200 images, of which none tells the two apart, might have.
        Assert.InRange(same.High, 1.96 / 200, 2.1 / 200);
        Assert.Equal(-same.High, same.Low);
    }

    /// <summary>
    /// Of few images, and of one, no interval is of width 0 and none goes beyond what a share can be: equals that a coin decides are told
    /// apart in at most 5 % of the verdicts.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(6, 2)]
    [InlineData(12, 3)]
    public void Few_images_claim_little(int images, int seeds)
    {
        const int rounds = 400;
        var (claims, held) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var random = CounterRandom.For(13, "few images", 100 * images + seeds, round);
            bool[][] Draw() =>
                [.. Enumerable.Range(0, seeds).Select(_ => Enumerable.Range(0, images).Select(_ => random.Chance(0.5)).ToArray())];
            var one = PairedDifference.Of(Draw(), [Draw()], round).Single();
            Assert.True(one.Low < one.High && one.Low <= one.Value && one.Value <= one.High, $"{one}");
            Assert.InRange(one.Low, -1, 1);
            Assert.InRange(one.High, -1, 1);
            if (one.Low > 0 || one.High < 0) claims++;
            if (one.Low <= 0 && 0 <= one.High) held++;
        }
        Assert.InRange(claims, 0, 0.07 * rounds);
        Assert.Equal(rounds, claims + held);
    }

    /// <summary>
    /// The verdict calibrates. Pairs without a gain, whose accuracies spread from one training to the next: of many verdicts at most 5 %
    /// claim a gain, and at most 5 % anything. Be it with twenty seeds or with the three of the default, against one rival or two at once,
    /// where the rivals are the winner's equals in both.
    /// </summary>
    [Theory]
    [InlineData(20, 300, 0.15, true)]
    [InlineData(3, 300, 0.1, true)]
    [InlineData(2, 300, 0.1, true)]
    [InlineData(2, 300, 0.6, false)]
    [InlineData(2, 300, 0.6, true)]
    [InlineData(1, 300, 0.0, true)]
    public void A_gain_that_is_none_is_claimed_in_at_most_five_of_a_hundred(int seeds, int images, double seedSpread, bool two)
    {
        const int rounds = 400;
        var (gains, claims) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var decision = Decide(new(seeds, images, Gain: 0, seedSpread), round, two);
            if (decision.Given.Claim == VerdictClaim.Gain || decision.Handcrafted?.Claim == VerdictClaim.Gain) gains++;
            if (decision.Given.Claim != VerdictClaim.NoGain || decision.Handcrafted is { Claim: not VerdictClaim.NoGain }) claims++;
        }
        Assert.InRange(gains, 0, 0.05 * rounds);
        // Two standard errors of the count on top of the 5 %.
        Assert.InRange(claims, 0, (0.05 + 2 * Math.Sqrt(0.05 * 0.95 / rounds)) * rounds);
    }

    /// <summary>
    /// Pairs with a gain of a few points over twenty seeds: at least 95 % of the verdicts say so, none says the opposite, and the interval
    /// holds the truth.
    /// </summary>
    [Theory]
    [InlineData(20, 500, 0.5, 0.1, true)]
    [InlineData(3, 500, 0.9, 0.1, false)]
    public void A_gain_that_is_there_is_claimed_in_at_least_ninety_five_of_a_hundred(
        int seeds, int images, double gain, double seedSpread, bool two)
    {
        const int rounds = 200;
        var (right, wrong, held, truth) = (0, 0, 0, 0.0);
        for (var round = 0; round < rounds; round++)
        {
            var planted = new Planted(seeds, images, gain, seedSpread);
            var decision = Decide(planted, round, two);
            truth = planted.Truth;
            if (decision.Given.Claim == VerdictClaim.Gain) right++;
            if (decision.Given.Claim == VerdictClaim.Loss) wrong++;
            if (decision.Given.Ahead.Low <= truth && truth <= decision.Given.Ahead.High) held++;
        }
        Assert.InRange(truth, 0.04, 0.2);
        Assert.InRange(right, 0.95 * rounds, rounds);
        Assert.Equal(0, wrong);
        Assert.InRange(held, 0.92 * rounds, rounds);
    }

    [Theory]
    [InlineData(0.021, 0.04, 0.6, "The winner is better than ResNet18 by 2.1 to 4.0 points at 0.6 of its latency.")]
    [InlineData(0.021, 0.04, 1.357, "The winner is better than ResNet18 by 2.1 to 4.0 points at 1.36 times its latency.")]
    [InlineData(-0.01, 0.03, 1, "No gain over the given weights can be shown: take those.")]
    [InlineData(0, 0.03, 0.95, "No gain over the given weights can be shown: take those.")]
    [
        InlineData(
            -0.012, 0.03, 0.3,
            "No gain over the given weights can be shown: take those, unless 0.3 of their latency is worth up to 1.2 points."),
    ]
    [InlineData(-0.04, -0.021, 1.2, "The given weights (ResNet18) are better than the winner by 2.1 to 4.0 points: take those.")]
    [
        InlineData(
            -0.04, -0.021, 0.5,
            "The given weights (ResNet18) are better than the winner by 2.1 to 4.0 points: take those, unless 0.5 of their latency is "
                + "worth up to 4.0 points."),
    ]
    public void It_is_said_in_one_sentence(double low, double high, double ratio, string expected)
    {
        var given = new VerdictRival("ResNet18", new((low + high) / 2, low, high), ratio);
        Assert.Equal(expected, new VerdictDecision(given, null).Sentence);
        Assert.Equal(
            expected[..^1] + "; Middle, trained by us, is better than the winner by 1.0 to 2.0 points.",
            new VerdictDecision(given, new("Middle", new(-0.015, -0.02, -0.01), 1)).Sentence);
        Assert.Equal(
            expected[..^1] + "; no gain over Middle, trained by us, can be shown.",
            new VerdictDecision(given, new("Middle", new(0, -0.02, 0.01), 1)).Sentence);
        Assert.Equal(
            $"{expected[..^1]}; {(low > 0 ? "it" : "the winner")} is better than Middle, trained by us, by 1.0 to 2.0 points.",
            new VerdictDecision(given, new("Middle", new(0.015, 0.01, 0.02), 1)).Sentence);
    }

    private static VerdictDecision Decide(Planted planted, int round, bool two)
    {
        var (winner, given, handcrafted) = Plant(planted, round);
        return VerdictDecision.Of(winner, ("given", 1, given), two ? ("handcrafted", 1, handcrafted) : null, round);
    }

    /// <summary>
    /// What is planted: outcomes follow from an image's difficulty, which all share, what each network makes of an image, how its training
    /// of a seed went, and a gain, all on the scale of log-odds.
    /// </summary>
    private sealed record Planted(int Seeds, int Images, double Gain, double SeedSpread = 0)
    {
        public const double Difficulty = 1.5, Own = 1, Skill = 0.8;

        /// <summary>The gain in accuracy: the integral over what is drawn, of a normal of their joint variance.</summary>
        public double Truth => Accuracy(Gain) - Accuracy(0);

        private double Accuracy(double gain)
        {
            var (spread, sum, total) = (Math.Sqrt(Difficulty * Difficulty + Own * Own + SeedSpread * SeedSpread), 0.0, 0.0);
            for (var z = -8.0; z <= 8; z += 0.01)
            {
                var density = Math.Exp(-z * z / 2);
                (sum, total) = (sum + density / (1 + Math.Exp(-(Skill + gain + spread * z))), total + density);
            }
            return sum / total;
        }
    }

    private static (bool[][] Winner, bool[][] Given, bool[][] Handcrafted) Plant(Planted planted, int round)
    {
        var random = CounterRandom.For(11, "planted verdict", round);
        var right = new bool[3][][];
        var difficulty = new double[planted.Images];
        foreach (ref var image in difficulty.AsSpan()) image = Planted.Skill + Planted.Difficulty * random.NextNormal();
        for (var network = 0; network < right.Length; network++)
        {
            right[network] = new bool[planted.Seeds][];
            var own = new double[planted.Images];
            for (var i = 0; i < own.Length; i++)
                own[i] = difficulty[i] + Planted.Own * random.NextNormal() + (network == 0 ? planted.Gain : 0);
            for (var s = 0; s < planted.Seeds; s++)
            {
                var training = planted.SeedSpread * random.NextNormal();
                right[network][s] = new bool[planted.Images];
                for (var i = 0; i < own.Length; i++) right[network][s][i] = random.NextDouble() < 1 / (1 + Math.Exp(-(own[i] + training)));
            }
        }
        return (right[0], right[1], right[2]);
    }
}
