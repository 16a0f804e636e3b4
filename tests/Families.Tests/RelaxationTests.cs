using DataSsl.Runtime;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>Mixtures of architectures and their mean costs, of every family and of random spaces.</summary>
public sealed class RelaxationTests
{
    public static TheoryData<string> Names => SmallSpaces.Names;

    /// <summary>Where every choice is certain, the mixture in the largest network is the slice, and nothing beside it.</summary>
    [Theory, MemberData(nameof(Names))]
    public void A_mixture_of_certain_choices_is_that_architecture(string name)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        var (net, images, spans) = (networks.Student, SmallSpaces.Images(4, space), SliceSpans.Of(space));
        var random = CounterRandom.For(2, "certain");
        for (var i = 0; i < 6; i++)
        {
            using var inner = NewDisposeScope();
            var architecture = i == 0 ? space.FromIndex(0) : i == 1 ? space.FromIndex(space.Count - 1) : space.Sample(ref random);
            var expected = net.LastMap(images, architecture);
            using var certain = new Relaxation(space, spans, Certain(architecture), CPU);
            net.Relaxation = certain;
            var mixed = net.LastMap(images, space.Max);
            net.Relaxation = null;
            var (dimension, channels) = (mixed.dim() == 4 ? 1 : 2, architecture.EmbeddingChannels);
            var difference = (mixed.narrow(dimension, 0, channels) - expected).norm() / expected.norm();
            Assert.InRange(difference.item<float>(), 0, 2e-5);
            Assert.Equal(0, mixed.narrow(dimension, channels, mixed.shape[dimension] - channels).count_nonzero().item<long>());
        }
    }

    /// <summary>
    /// From one set of probabilities to another the output changes by the integral of its gradient. A difference over a short step would
    /// say little in 32 bits beside the kinks of ReLU; the integral goes over them, to 1 over the number of points that it is summed from.
    /// </summary>
    [Theory, MemberData(nameof(Names))]
    public void Gradients_by_probabilities_add_up_to_the_change_of_the_output(string name)
    {
        const int points = 25;
        using var scope = NewDisposeScope();
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space, trainable: true);
        var (net, images, spans) = (networks.Student, SmallSpaces.Images(6, space), SliceSpans.Of(space));
        var from = Random(space, 4);
        var to = from.Zip(Random(space, 5), (a, b) => a.Zip(b, (x, y) => x + (y - x) / 60).ToArray()).ToArray();
        using var generator = new TorchSharp.torch.Generator(8);
        var direction = randn([1, .. net.LastMap(images, space.Max).shape[1..]], generator: generator);
        var integral = 0.0;
        for (var i = 0; i < points; i++)
        {
            var at = from.Zip(to, (a, b) => a.Zip(b, (x, y) => x + (y - x) * (i + 0.5) / points).ToArray()).ToArray();
            var gradient = Run(at, back: true).Gradient;
            for (var axis = 0; axis < at.Length; axis++)
                for (var v = 0; v < at[axis].Length; v++) integral += gradient[axis][v] * (to[axis][v] - from[axis][v]) / points;
        }
        var (before, after) = (Run(from, back: false).Value, Run(to, back: false).Value);
        Assert.True(Math.Abs(after - before) > 1e-5 * Math.Abs(before), "the probabilities change nothing");
        Assert.True(
            Math.Abs(after - before - integral) <= (space.Family == "vit" ? 1e-3 : 3e-2) * Math.Abs(after - before),
            $"a change from {before:g4} by {after - before:g4} and an integral of {integral:g4}");

        (double Value, double[][] Gradient) Run(double[][] p, bool back)
        {
            using var inner = NewDisposeScope();
            using var mixture = new Relaxation(space, spans, p, CPU);
            net.Relaxation = mixture;
            var sum = (net.LastMap(images, space.Max).to(ScalarType.Float64) * direction).sum();
            if (back) sum.backward();
            net.Relaxation = null;
            return (sum.item<double>(), mixture.Gradient());
        }
    }

    /// <summary>Over all architectures that independent choices can give, those that break a constraint included.</summary>
    [Theory, MemberData(nameof(Names))]
    public void A_mean_cost_is_the_sum_over_all_architectures(string name)
    {
        var space = SmallSpaces.Named(name);
        // Twenty thousand at the most: the others are spaces of the same families.
        if (space.Axes.Aggregate(1.0, (n, axis) => n * axis.Values.Count) > 2e4) return;
        foreach (var cost in new Func<Architecture, long>[] { a => space.Macs(a, space.InputSize), space.Parameters })
        {
            var expectation = new ExpectedCost(space, cost);
            var p = Random(space, 7);
            var mean = All(space, p).Sum(entry => entry.Weight * cost(entry.Architecture));
            Assert.Equal(1, expectation.Value(p) / mean, 1e-12);
            var gradient = expectation.Gradient(p);
            for (var axis = 0; axis < p.Length; axis++)
            {
                // The mean is linear in each probability, and what is common to the values of a choice is nobody's.
                var means = p[axis].Select((_, i) =>
                {
                    double[][] certain = [.. p];
                    certain[axis] = [.. p[axis].Select((_, other) => other == i ? 1.0 : 0)];
                    return All(space, certain).Sum(entry => entry.Weight * cost(entry.Architecture));
                }).ToArray();
                foreach (var (i, own) in gradient[axis].Index())
                    Assert.Equal(means[i] - means[0], own - gradient[axis][0], 1e-9 * mean);
            }
        }
    }

    public static TheoryData<string, LearningRule, ScalarType> Learning
    {
        get
        {
            var cases = new TheoryData<string, LearningRule, ScalarType>();
            foreach (var space in SmallSpaces.Handwritten)
                foreach (var rule in Enum.GetValues<LearningRule>())
                    foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 }) cases.Add(space.Name, rule, type);
            return cases;
        }
    }

    /// <summary>Updates and steps in turn: every open choice moves, and ends where its losses are finite.</summary>
    [Theory, MemberData(nameof(Learning))]
    public void Every_family_learns(string name, LearningRule rule, ScalarType type)
    {
        const int steps = 3;
        var space = SmallSpaces.Named(name);
        var objective = new SimClrOptions(16, 24);
        var method = new Method(
            objective, new(OptimizerKind.Sgd, 1e-4), objective.Plan(space.InputSize),
            Learning: LearningOptions.Usual(rule) with { Warmup = 0, Every = 1, Rate = 0.1, Paths = 8 });
        using var model = new Pretraining(space, method, CPU, type, seed: 3);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var (at, learner) = (new RunPosition(step, steps, steps), model.Learner!);
            learner.Update(Batch(10 + step), Batch(step), at, 0.05);
            using var losses = model.Step(Batch(step).Views, method.Students(space, 3, at, learner.Choices.Draw), at, 0.05);
            Assert.True(losses.isfinite().all().item<bool>());
            Assert.True(double.IsFinite(learner.HeldOutLoss!.Value));
        }
        foreach (var (axis, logits) in space.Axes.Zip(model.Learner!.Choices.Logits))
            Assert.Equal(axis.Values.Count > 1, logits.Any(logit => logit != 0));

        LearningBatch Batch(long seed)
        {
            using var random = new TorchSharp.torch.Generator((ulong)seed);
            return new(
                ViewBatch.Of(
                    method.Views,
                    [
                        .. method.Views.Views.Select(
                            view => randn([4, view.Recipe.Size, view.Recipe.Size, 3], generator: random).permute(0, 3, 1, 2)),
                    ]),
                []);
        }
    }

    private static IEnumerable<(Architecture Architecture, double Weight)> All(SearchSpace space, double[][] p)
    {
        IEnumerable<(int[] Choices, double Weight)> all = [([], 1)];
        for (var axis = 0; axis < p.Length; axis++)
        {
            var own = axis;
            all = all.SelectMany(
                head => space.Axes[own].Values.Select((value, i) => ((int[])[.. head.Choices, value], head.Weight * p[own][i])));
        }
        return all.Select(entry => (new Architecture(space, entry.Choices), entry.Weight));
    }

    private static double[][] Certain(Architecture architecture) =>
        [.. architecture.Space.Axes.Select((axis, i) => axis.Values.Select(value => value == architecture[i] ? 1.0 : 0).ToArray())];

    private static double[][] Random(SearchSpace space, ulong seed)
    {
        var random = CounterRandom.For(seed, "probabilities");
        var all = new List<double[]>();
        foreach (var axis in space.Axes)
        {
            var own = new double[axis.Values.Count];
            foreach (ref var x in own.AsSpan()) x = random.Between(0.2, 1);
            all.Add([.. own.Select(x => x / own.Sum())]);
        }
        return [.. all];
    }
}
