using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>Updates of probabilities within a model that trains.</summary>
[Collection(SingleThread.Name)]
public sealed class LearnerTests
{
    private static readonly LearningOptions s_darts = LearningOptions.Usual(LearningRule.Darts) with { Warmup = 0 };
    private static readonly LearningOptions s_proxyless =
        LearningOptions.Usual(LearningRule.Proxyless) with { Warmup = 0, Every = 1, Paths = 3 };

    public LearnerTests() => Forgotten.Free();

    /// <summary>
    /// Logit after logit, the change of MoCo's loss from one side of it to the other is the integral of the gradient between: beside the
    /// kinks of ReLU a difference over a short step would say little in 32 bits.
    /// </summary>
    [Fact]
    public void The_gradient_of_darts_adds_up_to_the_change_of_the_loss()
    {
        const int points = 100;
        const double reach = 0.05;
        using var scope = NewDisposeScope();
        using var model = Model(s_darts);
        var (batch, learner) = (Batch(1), model.Learner!);
        var start = Scattered(2);
        var (error, norm) = (0.0, 0.0);
        for (var axis = 0; axis < start.Length; axis++)
        {
            for (var i = 0; i < start[axis].Length; i++)
            {
                var integral = 0.0;
                for (var point = 0; point < points; point++)
                    integral += Gradient(reach * ((point + 0.5) / points * 2 - 1))[axis][i] * 2 * reach / points;
                Gradient(-reach);
                var before = learner.HeldOutLoss!.Value;
                Gradient(reach);
                var change = learner.HeldOutLoss!.Value - before;
                (error, norm) = (error + Math.Pow(change - integral, 2), norm + change * change);

                double[][] Gradient(double by)
                {
                    double[][] moved = [.. start.Select(x => (double[])x.Clone())];
                    moved[axis][i] += by;
                    learner.Choices.Logits = moved;
                    return learner.OfMixture(batch, TinyModel.At(0));
                }
            }
        }
        Assert.True(norm > 1e-6, "the choices make no difference");
        Assert.True(Math.Sqrt(error) <= 1e-3 * Math.Sqrt(norm), $"differs by {Math.Sqrt(error):g3}, its norm is {Math.Sqrt(norm):g3}");
    }

    /// <summary>The losses that paths are judged by are those that a step of the weights has for the same students and images.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Paths_are_judged_by_their_losses(int groups)
    {
        using var scope = NewDisposeScope();
        using var model = Model(s_proxyless, TinyModel.Method with { NormGroups = groups });
        var learner = model.Learner!;
        learner.Choices.Logits = Scattered(3);
        var random = CounterRandom.For(3, "paths", 4);
        Architecture[] paths = [.. Enumerable.Range(0, 3).Select(_ => learner.Choices.Draw(ref random))];
        Assert.Equal(3, paths.Distinct().Count());
        var gradient = learner.OfPaths(Batch(4), TinyModel.At(4));
        using var same = Model(s_proxyless, TinyModel.Method with { NormGroups = groups });
        var losses = same.Step(Batch(4).Views, paths, TinyModel.At(4), 0.1).data<float>().ToArray().Select(x => (double)x).ToArray();
        Assert.Equal(losses.Average(), learner.HeldOutLoss!.Value, 1e-5);
        var expected = PathGradient.Of(learner.Choices.Probabilities, paths, losses);
        foreach (var (own, other) in gradient.SelectMany(g => g).Zip(expected.SelectMany(g => g))) Assert.Equal(other, own, 1e-5);
    }

    [Theory]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Darts, 2)]
    [InlineData(LearningRule.Proxyless, 1)]
    public void An_update_leaves_everything_but_the_probabilities_to_the_bit(LearningRule rule, int order)
    {
        using var scope = NewDisposeScope();
        using var model = Model((rule == LearningRule.Darts ? s_darts : s_proxyless) with { Order = order });
        // Momentum is there to be kept.
        model.Step(Batch(1).Views, [Tiny.Space.Max], TinyModel.At(0), 0.05);
        var before = model.State.ToDictionary(state => state.Name, state => state.Values.clone());
        model.Learner!.Update(Batch(2), Batch(3), TinyModel.At(1), 0.05);
        foreach (var (name, values) in model.State)
            if (name.StartsWith("architecture.", StringComparison.Ordinal)) Assert.False(values.Equals(before[name]), name);
            else Close.SameBits(before[name], values, name);
    }

    /// <summary>
    /// What a logit does to the held-out loss after a step of the weights that it took part in: through the mixture, and through the
    /// weights. SimCLR keeps nothing else from step to step.
    /// </summary>
    [Fact]
    public void Order_two_sees_what_a_logit_does_to_the_weights()
    {
        const int points = 20;
        const double rate = 0.05, reach = 0.05;
        using var scope = NewDisposeScope();
        var simclr = new SimClrOptions(Dimension: 16, Hidden: 24);
        var method = TinyModel.Method with { Objective = simclr, Views = simclr.Plan(32) };
        var (start, training, heldOut) = (Scattered(5), Both(1), Both(2));
        var (errors, norm) = (new double[3], 0.0);
        foreach (var (axis, i) in new[] { (1, 0), (3, 2) })
        {
            var integrals = new double[3];
            for (var point = 0; point < points; point++)
            {
                var by = reach * ((point + 0.5) / points * 2 - 1);
                foreach (var order in new[] { 1, 2 }) integrals[order] += Gradient(by, order) * 2 * reach / points;
            }
            var change = After(reach) - After(-reach);
            norm += change * change;
            foreach (var order in new[] { 1, 2 }) errors[order] += Math.Pow(change - integrals[order], 2);

            double Gradient(double by, int order)
            {
                using var model = At(by);
                return order == 2
                    ? model.Learner!.Ahead(heldOut, training, TinyModel.At(0), rate)[axis][i]
                    : model.Learner!.OfMixture(heldOut, TinyModel.At(0))[axis][i];
            }

            double After(double by)
            {
                using var model = At(by);
                using var losses = model.Step(training.Views, [Tiny.Space.Max], TinyModel.At(0), rate);
                Assert.Equal(2, losses.shape[0]);
                model.Learner!.OfMixture(heldOut, TinyModel.At(0));
                return model.Learner.HeldOutLoss!.Value;
            }

            Pretraining At(double by)
            {
                var model = Model(s_darts with { Order = 2 }, method);
                double[][] moved = [.. start.Select(x => (double[])x.Clone())];
                moved[axis][i] += by;
                model.Learner!.Choices.Logits = moved;
                return model;
            }
        }
        // What is left is the difference over the kinks of ReLU; without them it is exact (UnrolledGradientTests).
        var (first, second) = (Math.Sqrt(errors[1] / norm), Math.Sqrt(errors[2] / norm));
        Assert.True(second <= 0.35 && first >= 2 * second, $"order 2 is off by {second:g3}, order 1 by {first:g3}");
    }

    [Theory]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Darts, 2)]
    [InlineData(LearningRule.Proxyless, 1)]
    public void A_hundred_steps_and_updates_hold_no_more_tensors_than_two(LearningRule rule, int order)
    {
        var before = LiveTensors.Count;
        using (var model = Model((rule == LearningRule.Darts ? s_darts : s_proxyless) with { Order = order }))
        {
            Run(model, 0, 2);
            var early = LiveTensors.Count;
            Run(model, 2, order == 1 ? 100 : 20);
            Assert.Equal(early, LiveTensors.Count);
        }
        Assert.Equal(before, LiveTensors.Count);
    }

    /// <summary>Parts of the batch in two processes against the whole in one.</summary>
    [Theory]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Darts, 2)]
    [InlineData(LearningRule.Proxyless, 1)]
    public void Two_processes_learn_what_one_does(LearningRule rule, int order)
    {
        var options = (rule == LearningRule.Darts ? s_darts : s_proxyless) with { Order = order };
        var method = TinyModel.Method with { NormGroups = 2 };
        using var alone = Model(options, method);
        Run(alone, 0, 3);
        var expected = alone.Learner!.Choices.Logits;
        var all = Processes.Run(2, group =>
        {
            using var model = Model(options, method, group);
            Run(model, 0, 3);
            return model.Learner!.Choices.Logits;
        });
        foreach (var (own, other) in all[0].SelectMany(x => x).Zip(all[1].SelectMany(x => x))) Assert.Equal(own, other);
        foreach (var (own, one) in all[0].SelectMany(x => x).Zip(expected.SelectMany(x => x))) Assert.Equal(one, own, 1e-4);
    }

    private static LearningBatch Both(long step)
    {
        var (first, second) = TinyModel.Views(step);
        return new(ViewBatch.Of(ViewPlan.SimClr(32), first, second), []);
    }

    private static void Run(Pretraining model, int first, int end)
    {
        for (var step = first; step < end; step++)
        {
            using var scope = NewDisposeScope();
            model.Learner!.Update(Batch(step % 5 + 50, model.Deal), Batch(step % 5, model.Deal), TinyModel.At(step), 0.01);
            var omega = model.Method.Students(Tiny.Space, 5, TinyModel.At(step), model.Learner.Choices.Draw);
            model.Step(Batch(step % 5, model.Deal).Views, omega, TinyModel.At(step), 0.01);
        }
    }

    private static Pretraining Model(LearningOptions options, Method? method = null, ProcessGroup? processes = null) =>
        TinyModel.Create((method ?? TinyModel.Method) with { Learning = options }, processes: processes);

    /// <summary>Views of a step, or the part of a process.</summary>
    private static LearningBatch Batch(long step, BatchDeal? deal = null)
    {
        var (queries, keys) = TinyModel.Views(step);
        int[] places = [.. Enumerable.Range(0, TinyModel.Batch)];
        return new(
            TinyModel.Batched(Those(queries, deal?.Queries(places) ?? places), Those(keys, deal?.Keys(places) ?? places)), []);

        static Tensor Those(Tensor views, int[] some) =>
            MemoryFormat.ChannelsLast(views.index_select(0, tensor(some.Select(place => (long)place).ToArray())));
    }

    /// <summary>Logits that tell every value of every choice apart.</summary>
    private static double[][] Scattered(ulong seed)
    {
        var random = CounterRandom.For(seed, "scattered");
        var all = new List<double[]>();
        foreach (var axis in Tiny.Space.Axes)
        {
            var own = new double[axis.Values.Count];
            foreach (ref var x in own.AsSpan()) x = random.NextNormal();
            all.Add(own);
        }
        return [.. all];
    }
}
