using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.SearchSpaces;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>Probabilities, their gradients and what becomes of them, against sums over all architectures of a small space.</summary>
[Collection(SingleThread.Name)]
public sealed class EstimatorTests
{
    private static readonly LearningOptions s_proxyless = LearningOptions.Usual(LearningRule.Proxyless);

    /// <summary>A loss that no sum over single choices gives.</summary>
    private static double Loss(Architecture a) => Math.Sin(a[0] * 0.3) + a[1] * a[2] * 0.1 - a[3] * a[4] * 0.07 + 1.0 / a[3];

    [Fact]
    public void In_the_mean_over_all_pairs_of_paths_the_gradient_is_that_of_the_mean_loss()
    {
        using var choices = Choices(s_proxyless, seed: 1);
        var p = choices.Probabilities;
        var all = Tiny.Space.All().Select(a => (Architecture: a, Weight: Weight(p, a))).ToList();
        Assert.Equal(1, all.Sum(a => a.Weight), 12);
        var mean = p.Select(x => new double[x.Length]).ToArray();
        foreach (var first in all)
            foreach (var second in all)
            {
                var own = PathGradient.Of(
                    p, [first.Architecture, second.Architecture], [Loss(first.Architecture), Loss(second.Architecture)]);
                for (var axis = 0; axis < mean.Length; axis++)
                    for (var i = 0; i < mean[axis].Length; i++) mean[axis][i] += first.Weight * second.Weight * own[axis][i];
            }
        var logits = choices.Logits;
        MustBeDifferences(logits, mean, moved =>
        {
            choices.Logits = moved;
            return Tiny.Space.All().Sum(a => Weight(choices.Probabilities, a) * Loss(a));
        });
    }

    [Fact]
    public void The_term_of_cost_is_the_logarithm_over_the_budget_and_its_gradient_the_difference()
    {
        foreach (var budget in new[] { "<=0.4M", "params<=2K", "<=0.4M and params<=2K", "5-6M", "<=100M" })
        {
            var options = s_proxyless with { Budget = budget, CostWeight = 0.7 };
            Assert.Null(options.FirstProblem());
            using var choices = Choices(options, seed: 2);
            var term = new CostTerm(Tiny.Space, options, 32);
            var p = choices.Probabilities;
            double Mean(Func<Architecture, long> cost) => Tiny.Space.All().Sum(a => Weight(p, a) * cost(a));
            var (macs, parameters) = (Mean(a => Tiny.Space.Macs(a, 32)), Mean(Tiny.Space.Parameters));
            Assert.Equal(macs, term.Macs(p), 1e-6 * macs);
            Assert.InRange(macs, 0.5e6, 5e6);
            var expected = budget switch
            {
                "<=0.4M" => Math.Log(macs / 0.4e6),
                "params<=2K" => Math.Log(parameters / 2e3),
                "5-6M" => Math.Log(5e6 / macs),
                "<=100M" => 0,
                _ => Math.Log(macs / 0.4e6) + Math.Log(parameters / 2e3),
            };
            Assert.Equal(0.7 * expected, term.Value(p), 1e-9);
            MustBeDifferences(choices.Logits, ChoiceLogits.ByLogits(p, term.Gradient(p)), moved =>
            {
                choices.Logits = moved;
                return term.Value(choices.Probabilities);
            });
        }
    }

    /// <summary>Against libtorch's own Adam, which is PyTorch's.</summary>
    [Theory]
    [InlineData(LearningRule.Darts)]
    [InlineData(LearningRule.Proxyless)]
    public void Updates_are_those_of_Adam(LearningRule rule)
    {
        var options = LearningOptions.Usual(rule) with { Rate = 0.05 };
        using var scope = NewDisposeScope();
        using var choices = Choices(options, seed: 3);
        var open = Tiny.Space.Axes.Select(axis => axis.Values.Count > 1).ToArray();
        Assert.DoesNotContain(false, open);
        var theirs = new TorchSharp.Modules.Parameter(tensor(choices.Logits.SelectMany(x => x).ToArray()));
        var (first, second) = options.Betas;
        using var adam = optim.Adam([theirs], options.Rate, first, second, weight_decay: options.Decay);
        using var generator = new Generator(4);
        for (var update = 0; update < 6; update++)
        {
            var gradient = randn(theirs.shape, generator: generator, dtype: ScalarType.Float64);
            theirs.grad = gradient;
            adam.step();
            var (all, start) = (gradient.data<double>().ToArray(), 0);
            choices.Update([.. Tiny.Space.Axes.Select(axis => all[start..(start += axis.Values.Count)])], update);
            // Ours are kept in 32 bits.
            Close.To(theirs.detach(), tensor(choices.Logits.SelectMany(x => x).ToArray()), 1e-6, $"update {update}");
        }
    }

    [Fact]
    public void Draws_are_as_frequent_as_they_are_probable()
    {
        using var choices = Choices(s_proxyless, seed: 5);
        var random = CounterRandom.For(6, "draws");
        const int draws = 20_000;
        var counts = new Dictionary<Architecture, int>();
        for (var i = 0; i < draws; i++)
        {
            var drawn = choices.Draw(ref random);
            counts[drawn] = counts.GetValueOrDefault(drawn) + 1;
        }
        var p = choices.Probabilities;
        var chi = Tiny.Space.All().Sum(a => Math.Pow(counts.GetValueOrDefault(a) - draws * Weight(p, a), 2) / (draws * Weight(p, a)));
        // 47 degrees of freedom: the mean is 47, the deviation 9.7.
        Assert.InRange(chi, 20, 90);
    }

    [Fact]
    public void The_likeliest_within_a_budget_is_the_best_of_all_that_are_listed()
    {
        foreach (var seed in Enumerable.Range(10, 20))
        {
            using var choices = Choices(s_proxyless, (ulong)seed, spread: 3);
            var p = choices.Probabilities;
            foreach (var limits in Limits())
            {
                var found = LikeliestArchitecture.Within(Tiny.Space, p, limits, 32)!;
                var best = Tiny.Space.All()
                    .Where(a => limits.All(l => LearningOptions.Cost(l.Measure, a, 32) is var c && c >= l.From && c < l.To))
                    .MaxBy(a => Weight(p, a))!;
                Assert.Equal(best, found.Architecture);
                Assert.Equal(Weight(p, best), found.Probability, 1e-12);
                Assert.True(found.IsProven);
            }
        }
    }

    /// <summary>Limits of which each has members: none, to a third of the costs, between thirds, of both measures.</summary>
    private static IEnumerable<BudgetLimit[]> Limits()
    {
        var (macs, parameters) = (Costs(a => Tiny.Space.Macs(a, 32)), Costs(Tiny.Space.Parameters));
        return
        [
            [], [new(Measure.Macs, 0, macs[16])], [new(Measure.Macs, macs[16], macs[32])], [new(Measure.Parameters, 0, parameters[5])],
            [new(Measure.Macs, 0, macs[30]), new(Measure.Parameters, 0, parameters[30])],
        ];

        long[] Costs(Func<Architecture, long> cost) => [.. Tiny.Space.All().Select(cost).Order()];
    }

    [Fact]
    public void A_search_that_is_cut_short_says_so_and_one_without_a_member_finds_none()
    {
        using var choices = Choices(s_proxyless, seed: 7);
        var p = choices.Probabilities;
        // The likeliest of all is found straight away, and nothing else is looked at then.
        Assert.True(LikeliestArchitecture.Within(Tiny.Space, p, [], 32, mostLooks: 5)!.IsProven);
        var cut = 0;
        foreach (var seed in Enumerable.Range(10, 20))
        {
            using var others = Choices(s_proxyless, (ulong)seed, spread: 3);
            foreach (var limits in Limits())
            {
                var whole = LikeliestArchitecture.Within(Tiny.Space, others.Probabilities, limits, 32);
                for (var looks = 1; looks < 40; looks++)
                {
                    var found = LikeliestArchitecture.Within(Tiny.Space, others.Probabilities, limits, 32, looks);
                    if (found is { IsProven: true }) Assert.Equal(whole, found);
                    if (found is { IsProven: false }) cut++;
                }
            }
        }
        Assert.True(cut > 0);
        Assert.Null(LikeliestArchitecture.Within(Tiny.Space, p, [new(Measure.Macs, 0, 1000)], 32));
        Assert.Null(LikeliestArchitecture.Within(Tiny.Space, p, [], 32, mostLooks: 2));
    }

    [Fact]
    public void Choices_that_fell_to_their_smallest_are_told_unless_a_budget_asks_for_it()
    {
        double[][] p = [[0.5, 0.5], [0.5, 0.5], [0.95, 0.05], [0.2, 0.2, 0.6], [0.92, 0.08]];
        Assert.Equal(["width", "width", "depth", "width", "depth"], Tiny.Space.Axes.Select(axis => axis.Kind));
        Assert.Contains("depths", FallenChoices.Of(Tiny.Space, p, isNearBudget: false));
        Assert.Null(FallenChoices.Of(Tiny.Space, p, isNearBudget: true));
        p[4] = [0.89, 0.11];
        Assert.Null(FallenChoices.Of(Tiny.Space, p, isNearBudget: false));
        Assert.Contains(
            "all choices", FallenChoices.Of(Tiny.Space, [[1, 0], [1, 0], [0.95, 0.05], [0.9, 0, 0.1], [0.92, 0.08]], isNearBudget: false));
    }

    [Fact]
    public void Held_out_images_are_cut_off_once_and_each_pass_shows_each_of_them_once()
    {
        var options = s_proxyless with { HeldOut = 0.3 };
        var cut = new HeldOutImages(options, 40, batch: 4, seed: 3);
        Assert.Equal(12, cut.Held.Length);
        Assert.Equal(Enumerable.Range(0, 40), cut.Held.Concat(cut.Trained).Order());
        for (var pass = 0; pass < 3; pass++)
            Assert.Equal(cut.Held, Enumerable.Range(3 * pass, 3).SelectMany(update => cut.Of(update, 4)).Order());
        Assert.NotEqual(cut.Of(0, 4), cut.Of(3, 4));
        Assert.NotEqual(cut.Held, new HeldOutImages(options, 40, batch: 4, seed: 4).Held);
        Assert.Contains("fewer than two batches", Refusal(() => new HeldOutImages(options, 40, batch: 7, seed: 3)));
        Assert.Contains("leaves 4", Refusal(() => new HeldOutImages(options with { HeldOut = 0.9 }, 40, batch: 5, seed: 3)));

        static string Refusal(Action action) => Assert.Throws<UserException>(action).Message;
    }

    [Theory]
    [InlineData(0.25, 5, 100)]
    [InlineData(0, 1, 7)]
    [InlineData(0.5, 3, 11)]
    [InlineData(0.99, 4, 3)]
    public void Updates_are_counted_as_they_happen(double warmup, int every, long steps)
    {
        var options = s_proxyless with { Warmup = warmup, Every = every };
        var done = 0;
        for (var step = 0L; step < steps; step++)
        {
            Assert.Equal(done, options.UpdatesBefore(step, steps));
            if (!options.UpdatesAt(step, steps)) continue;
            Assert.True(step >= (long)(warmup * steps));
            done++;
        }
        Assert.Equal(done, options.UpdatesBefore(steps, steps));
        Assert.Equal((int)Math.Ceiling((steps - (long)(warmup * steps)) / (double)every), done);
    }

    private static double Weight(double[][] p, Architecture a) => Enumerable.Range(0, p.Length)
        .Aggregate(1.0, (product, axis) => product * p[axis][Tiny.Space.Axes[axis].Values.ToList().IndexOf(a[axis])]);

    private static ChoiceLogits Choices(LearningOptions options, ulong seed, double spread = 1)
    {
        var random = CounterRandom.For(seed, "logits");
        var logits = new List<double[]>();
        foreach (var axis in Tiny.Space.Axes)
        {
            var own = new double[axis.Values.Count];
            foreach (ref var x in own.AsSpan()) x = spread * random.NextNormal();
            logits.Add(own);
        }
        return new(Tiny.Space, options) { Logits = [.. logits] };
    }

    /// <summary>Holds a gradient against central differences of what it is of, to a thousandth. Logits are kept in 32 bits.</summary>
    private static void MustBeDifferences(double[][] at, double[][] gradient, Func<double[][], double> value)
    {
        const double step = 1.0 / 64;
        var (error, norm) = (0.0, 0.0);
        for (var axis = 0; axis < at.Length; axis++)
        {
            for (var i = 0; i < at[axis].Length; i++)
            {
                var difference = (Moved(step) - Moved(-step)) / (2 * step);
                norm += difference * difference;
                error += Math.Pow(difference - gradient[axis][i], 2);

                double Moved(double by)
                {
                    double[][] moved = [.. at.Select(x => (double[])x.Clone())];
                    moved[axis][i] += by;
                    return value(moved);
                }
            }
        }
        Assert.True(Math.Sqrt(error) <= 1e-3 * Math.Sqrt(norm), $"differs by {Math.Sqrt(error):g3}, its norm is {Math.Sqrt(norm):g3}");
    }
}
