using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Results;

public sealed class StudyRegretTests
{
    [Fact]
    public void It_is_that_of_counting()
    {
        (string, double, bool[])[] members =
        [
            ("a", 0.5, [true, true, false, false]), ("b", 0.9, [true, true, true, false]), ("c", 0.1, [true, true, true, true]),
        ];
        var regret = Regret("classification", "2-3G", members, seed: 0);
        Assert.Equal(("classification", "2-3G", 3, "b", "c"), (regret.Task, regret.Budget, regret.Subnets, regret.Winner, regret.Best));
        Assert.Equal(0, regret.WinnerLessMean.Value, 1e-6);
        Assert.Equal(0.25, regret.BestLessWinner.Value, 1e-6);
        // Three degrees of freedom: 3.18 standard errors.
        Assert.InRange(regret.WinnerLessMean.Low, -1, -0.5);
        Assert.Equal(0, regret.BestLessWinner.Low);
        var alone = Regret("classification", "all", members[..1], seed: 0);
        Assert.True(double.IsNaN(alone.WinnerLessMean.Value) && double.IsNaN(alone.BestLessWinner.High));
        Assert.Equal((1, "a", "a"), (alone.Subnets, alone.Winner, alone.Best));
    }

    /// <summary>One image says nothing of others, and a few that agree do not make certain.</summary>
    [Fact]
    public void Few_images_have_wide_intervals_and_one_has_none()
    {
        var one = Regret("classification", "all", [("a", 0.9, [true]), ("b", 0.1, [false])], seed: 0);
        Assert.Equal((0.5, 0.0), (one.WinnerLessMean.Value, one.BestLessWinner.Value));
        Assert.All([one.WinnerLessMean, one.BestLessWinner], e => Assert.True(double.IsNaN(e.Low) && double.IsNaN(e.High), $"{e}"));
        var three = Regret("classification", "all", [("a", 0.9, [true, true, true]), ("b", 0.1, [false, false, false])], seed: 0);
        Assert.Equal(0.5, three.WinnerLessMean.Value, 1e-6);
        Assert.InRange(three.WinnerLessMean.Low, -1, 0);
        Assert.Equal((1, 0), (three.WinnerLessMean.High, three.BestLessWinner.Low));
        Assert.InRange(three.BestLessWinner.High, 0.5, 1);
    }

    /// <summary>
    /// The interval of a mean difference is the mean and 1.96 standard errors of the difference by image, which what makes an image hard
    /// for all is no part of.
    /// </summary>
    [Fact]
    public void The_winner_s_interval_is_that_of_paired_differences()
    {
        var members = Draw([0.6, 0.7, 0.55, 0.65], 800, round: 1);
        var regret = Regret("classification", "all", members, seed: 2);
        var differences = Enumerable.Range(0, 800).Select(i => (members[1].Right[i] ? 1.0 : 0) - members.Average(m => m.Right[i] ? 1.0 : 0))
            .ToList();
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 799 / 800);
        Assert.Equal(mean, regret.WinnerLessMean.Value, 1e-6);
        Assert.Equal(mean - 1.96 * error, regret.WinnerLessMean.Low, 0.2 * error);
        Assert.Equal(mean + 1.96 * error, regret.WinnerLessMean.High, 0.2 * error);
    }

    /// <summary>
    /// Nineteen of twenty intervals hold what the truth is, also where many are as good as the best, of which the best on these images is
    /// ahead by chance.
    /// </summary>
    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.0, 0.06)]
    public void Intervals_hold_the_truth_as_often_as_they_say(double winnerIsAhead, double oneIsAhead)
    {
        const int rounds = 150, images = 200;
        double[] truth = [.. Enumerable.Repeat(0.6, 12)];
        truth[1] += winnerIsAhead;
        truth[2] += oneIsAhead;
        var (gains, losses, lowest) = (0, 0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var regret = Regret("classification", "all", Draw(truth, images, round), round);
            Assert.Equal("1", regret.Winner);
            if (Holds(regret.WinnerLessMean, truth[1] - truth.Average())) gains++;
            if (Holds(regret.BestLessWinner, truth.Max() - truth[1])) losses++;
            if (regret.BestLessWinner.Low > 0) lowest++;
        }
        Assert.InRange(gains, 0.91 * rounds, 0.99 * rounds);
        Assert.InRange(losses, 0.93 * rounds, rounds);
        // Where none is better than the winner, one is said to be at most once in twenty times.
        if (oneIsAhead == 0) Assert.InRange(lowest, 0, 0.07 * rounds);

        static bool Holds(Estimate e, double truth) => e.Low <= truth && truth <= e.High;
    }

    /// <summary>
    /// Of a figure that is no mean over images the draws are told, and those that have nothing to reckon it from are left out for all.
    /// </summary>
    [Fact]
    public void A_figure_that_is_no_mean_is_bounded_by_its_draws()
    {
        var random = CounterRandom.For(1, "drawn");
        var (one, other) = (new float[Bootstrap.Draws], new float[Bootstrap.Draws]);
        // Both move together, by up to 0.2; the first is ahead by 0.1 in nine draws of ten and by 0.3 in the tenth.
        for (var draw = 0; draw < one.Length; draw++)
        {
            other[draw] = 0.3f + 0.2f * (float)random.NextDouble();
            one[draw] = other[draw] + (draw % 10 == 0 ? 0.3f : 0.1f);
        }
        (one[1], other[1]) = (float.NaN, float.NaN);
        const int images = 1000;
        var regret = StudyRegret.Of(
            "detection", "all",
            [
                new("a", 0.9, 0.5, Bootstrap.Chances(0.5, one, images)), new("b", 0.1, 0.4, Bootstrap.Chances(0.4, other, images)),
            ],
            images, isShare: false);
        // Half of the difference: the mean is of both. A thousand images widen by 1.002.
        Assert.Equal(0.05, regret.WinnerLessMean.Value, 1e-9);
        Assert.Equal(0, regret.BestLessWinner.Value);
        Assert.Equal(0.05, regret.WinnerLessMean.Low, 0.003);
        Assert.Equal(0.15, regret.WinnerLessMean.High, 0.003);
        Assert.Equal(0.2, regret.BestLessWinner.High, 0.003);
        var none = StudyRegret.Of(
            "detection", "all", [new("a", 0.9, 0.5, [float.NaN]), new("b", 0.1, 0.4, [float.NaN])], images, isShare: false)
            .WinnerLessMean;
        Assert.True(double.IsNaN(none.Low) && double.IsNaN(none.High), $"{none}");
        // Where nothing differs in any draw, as where nobody finds anything, an image that was not seen still may: 1.96 thousandths.
        var same = StudyRegret.Of("detection", "all", [new("a", 0.9, 0, [0, 0]), new("b", 0.1, 0, [0, 0])], images, isShare: false);
        Assert.Equal(0.00196, same.WinnerLessMean.High, 0.0001);
    }

    private static StudyRegret Regret(
        string task, string budget, IReadOnlyList<(string Architecture, double Score, bool[] Right)> members, long seed)
    {
        var images = members[0].Right.Length;
        using var bootstrap = new Bootstrap(images, seed);
        return StudyRegret.Of(
            task, budget,
            [
                .. members.Select(
                    m => new StudyMember(m.Architecture, m.Score, m.Right.Count(r => r) / (double)images, bootstrap.Chances(m.Right))),
            ],
            images, isShare: true);
    }

    /// <summary>Subnets of known accuracies on images some of which are hard for all; the second has the highest score.</summary>
    private static (string Architecture, double Score, bool[] Right)[] Draw(double[] accuracies, int images, int round)
    {
        var random = CounterRandom.For(7, "regret", round);
        var members = accuracies.Select((_, i) => ($"{i}", i == 1 ? 1.0 : 0.0, Right: new bool[images])).ToArray();
        for (var image = 0; image < images; image++)
        {
            // Of a uniform copula half of which all share, the mean of which is the accuracy.
            var shared = random.NextDouble();
            for (var m = 0; m < members.Length; m++)
                members[m].Right[image] = (random.Chance(0.5) ? shared : random.NextDouble()) < accuracies[m];
        }
        return members;
    }
}
