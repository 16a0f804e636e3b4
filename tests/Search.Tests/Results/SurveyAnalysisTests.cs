using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Results;

/// <summary>What a survey says of accuracies, against recorded coefficients, counting and planted truths.</summary>
public sealed class SurveyAnalysisTests
{
    private static readonly double[] one = [0.31, 0.42, 0.55, 0.42, 0.61, 0.70, 0.58, 0.66];
    private static readonly double[] other = [0.22, 0.40, 0.35, 0.41, 0.52, 0.44, 0.47, 0.60];

    /// <summary>
    /// Recorded from Python's module statistics: correlation, Fisher's interval tanh(atanh(r) -+ z / sqrt(n - 3)) with NormalDist's
    /// quantile, and the correlation of the ranks, which are means where values tie.
    /// </summary>
    [Fact]
    public void Coefficients_are_those_of_another_program()
    {
        var pearson = PearsonCorrelation.Of(one, other);
        Assert.Equal(0.7738710166541628, pearson.Value, 1e-12);
        Assert.Equal(0.1521927390863443, pearson.Low, 1e-9);
        Assert.Equal(0.9567845151322374, pearson.High, 1e-9);
        Assert.Equal(0.7784570702436183, RankAgreement.Of(one, other).Spearman.Value, 1e-12);
    }

    [Fact]
    public void What_does_not_vary_has_no_coefficient_and_few_things_have_no_interval()
    {
        Assert.True(double.IsNaN(PearsonCorrelation.Of(one, [.. one.Select(_ => 0.5)]).Value));
        var few = PearsonCorrelation.Of(one[..4], other[..4]);
        Assert.True(double.IsFinite(few.Value) && double.IsNaN(few.Low));
        var same = PearsonCorrelation.Of(one, [.. one.Select(v => 3 * v - 1)]);
        Assert.Equal(1, same.Value, 1e-12);
        Assert.InRange(same.Low, 0.99, 1);
        Assert.Throws<ArgumentException>(() => PearsonCorrelation.Of(one, other[1..]));
    }

    [Fact]
    public void Equals_share_their_mean_rank()
    {
        var scenario = Scenario("s", 4, 3, 1, 3, 4, 0);
        Assert.Equal([0.75, 0.25, 0.75, 1, 0], scenario.Values);
        Assert.Equal([2.5, 4, 2.5, 1, 5], scenario.Ranks);
        Assert.Equal(new Proportion(3, 4).Low, scenario.Estimates[0].Low);
    }

    /// <summary>By the words of the definition: whoever fewer than a tenth of the networks are better than is in the top tenth.</summary>
    [Fact]
    public void The_top_tenth_is_that_of_counting()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = CounterRandom.For((ulong)seed, "survey test");
            var networks = 2 + (int)random.Below(40);
            int[] Draw(ref CounterRandom from)
            {
                var drawn = new int[networks];
                foreach (ref var right in drawn.AsSpan()) right = (int)from.Below(12);
                return drawn;
            }
            var (a, b) = (Draw(ref random), Draw(ref random));
            var (found, all) = (0, 0);
            for (var n = 0; n < networks; n++)
            {
                if (a.Any(right => right > a[n])) continue;
                all++;
                var better = b.Count(right => right > b[n]);
                if (better < (int)Math.Ceiling(networks / 10.0)) found++;
            }
            Assert.Equal(
                (double)found / all, Scenario("b", 12, b).TopTenthOfBestOf(Scenario("a", 12, a)));
        }
    }

    /// <summary>What the single network loses is what choosing it would, by the interval of a study at the same confidence.</summary>
    [Fact]
    public void Losses_are_those_of_a_studys_regret()
    {
        var random = CounterRandom.For(7, "survey test");
        var right = new bool[6][];
        for (var n = 0; n < right.Length; n++)
        {
            right[n] = new bool[150];
            foreach (ref var image in right[n].AsSpan()) image = random.Below(10) < 4 + n / 2;
        }
        var scenario = new SurveyAccuracies("s", right);
        using var bootstrap = new Bootstrap(150, seed: 3);
        var losses = scenario.Shortfalls(bootstrap, Bootstrap.Confidence);
        for (var n = 0; n < right.Length; n++)
        {
            var regret = StudyRegret.Of(
                "task", "all",
                [
                    .. right.Select((images, i) => new StudyMember(
                        $"{i}", i == n ? 1 : 0, scenario.Values[i], bootstrap.Chances(images))),
                ],
                150, isShare: true).BestLessWinner;
            Assert.Equal((regret.Value, regret.Low, regret.High), (losses[n].Value, losses[n].Low, losses[n].High));
        }
    }

    /// <summary>
    /// Of networks that are equally good on each scenario one in twenty at most is called worse, and never all; of such as are made for one
    /// scenario each none is among the best of all.
    /// </summary>
    [Fact]
    public void Whether_there_is_one_for_all_is_told_of_planted_truths()
    {
        var (networks, scenarios, equal, apart) = (12, 4, 0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var alike = Planted(seed, (_, _) => 0.7).ForAll.Count;
            Assert.True(alike > 0);
            equal += alike;
            var made = Planted(seed, (network, scenario) => network % scenarios == scenario ? 0.9 : 0.5);
            apart += made.ForAll.Count == 0 ? 1 : 0;
            Assert.All(
                made.Single.Losses.Where((_, s) => s != made.Single.Network % scenarios),
                loss => Assert.True(loss.BestLessSingle.Low > 0));
        }
        Assert.InRange(equal, 0.95 * 20 * networks, 20 * networks);
        Assert.Equal(20, apart);

        SurveyMethodResult Planted(int seed, Func<int, int, double> chance)
        {
            var random = CounterRandom.For((ulong)seed, "planted survey");
            var all = new List<SurveyAccuracies>();
            for (var s = 0; s < scenarios; s++)
            {
                var right = new bool[networks][];
                for (var n = 0; n < networks; n++)
                {
                    right[n] = new bool[400];
                    foreach (ref var image in right[n].AsSpan()) image = random.Below(1000) < 1000 * chance(n, s);
                }
                all.Add(new($"s{s}", right));
            }
            return SurveyAnalysis.Of("linear", Facts(networks), all, null, seed);
        }
    }

    [Fact]
    public void Sizes_are_set_beside_accuracies_and_slices_beside_networks_alone()
    {
        int[] rising = [1, 2, 4, 5, 7, 8], falling = [9, 8, 6, 5, 2, 1];
        var of = SurveyAnalysis.Of(
            "linear", Facts(6), [Scenario("up", 10, rising), Scenario("down", 10, falling)],
            ([1, 3, 5], [Scenario("up", 10, 3, 6, 9), Scenario("down", 10, 3, 6, 9)]), seed: 0);
        Assert.Equal((1, -1), (of.Sizes[0].Parameters.Value, of.Sizes[1].Macs.Value));
        Assert.Equal((-1, 1), (of.Sizes[0].Ratio.Value, of.Sizes[0].Early.Value));
        Assert.Equal((-1, "up", "down"), (of.Pairs.Single().Spearman.Value, of.Pairs[0].One, of.Pairs[0].Other));
        Assert.Equal([1, 0], of.TopTenth[0]);
        Assert.All(of.MeanRanks, rank => Assert.Equal(3.5, rank));
        Assert.Equal((1, -1), (of.Slices![0].Spearman.Value, of.Slices[1].Spearman.Value));
        Assert.Equal([0.3, 0.6, 0.9], of.Slices[1].Alone);
    }

    [Theory]
    [
        InlineData(
            "No: none of the 6 networks is among the best of all 2 scenarios; n0, the best on average (a mean rank of 3.5 of 6), loses ",
            200),
    ]
    [
        InlineData(
            "It cannot be told that there is none: n2 and 1 other cannot be told from the best of any of the 2 scenarios; n0, the best on ",
            1),
    ]
    public void The_sentence_says_what_was_found(string begins, int times)
    {
        var result = SurveyAnalysis.Of(
            "linear", Facts(6),
            [
                Scenario("up", 10 * times, [.. new[] { 1, 2, 4, 5, 7, 8 }.Select(n => n * times)]),
                Scenario("down", 10 * times, [.. new[] { 9, 8, 6, 5, 2, 1 }.Select(n => n * times)]),
            ],
            null, seed: 0);
        Assert.StartsWith(begins, SurveyAnalysis.Sentence(result, Facts(6)));
    }

    /// <summary>Early parameters rise from network to network, and the late ones faster.</summary>
    private static SurveyNetworkFacts[] Facts(int networks) =>
    [
        .. Enumerable.Range(1, networks).Select(
            n => new SurveyNetworkFacts($"n{n - 1}", "Space", "resnet-basic", $"a{n}", 32, 100 * n, n + n * n * n, n, n * n * n, null)),
    ];

    /// <summary>A scenario where networks name so many of the first images rightly.</summary>
    private static SurveyAccuracies Scenario(string name, int images, params int[] right) =>
        new(name, [.. right.Select(count => Enumerable.Range(0, images).Select(image => image < count).ToArray())]);
}
