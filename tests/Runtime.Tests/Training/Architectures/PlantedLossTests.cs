using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>Losses of which it is known which choice is the better one.</summary>
[Collection(SingleThread.Name)]
public sealed class PlantedLossTests
{
    /// <summary>A loss that is lower the more the last map holds, and one that is higher: each ends in the width that it favours.</summary>
    [Theory]
    [InlineData(LearningRule.Darts, -1)]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Proxyless, -1)]
    [InlineData(LearningRule.Proxyless, 1)]
    public void The_width_that_a_loss_favours_is_found(LearningRule rule, int sign)
    {
        const int steps = 80;
        var planted = new PlantedOptions(sign);
        var learning = LearningOptions.Usual(rule) with { Rate = 0.1, Warmup = 0.1, Every = 1, Paths = 4 };
        var method = new Method(planted, new(OptimizerKind.Sgd, 0), planted.Plan(32), Learning: learning);
        using var model = new Pretraining(Tiny.Space, method, CPU, ScalarType.Float32, seed: 3);
        var choices = model.Learner!.Choices;
        Assert.All(choices.Entropies, entropy => Assert.Equal(1, entropy, 6));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var at = new RunPosition(step, steps, 10);
            if (learning.UpdatesAt(step, steps)) model.Learner.Update(Batch(method, step + 500), Batch(method, step), at, 1e-4);
            model.Step(Batch(method, step).Views, method.Students(Tiny.Space, 3, at, choices.Draw), at, 1e-4);
        }
        var last = Tiny.Space.Axes[3];
        Assert.Equal("stage2.width", last.Path);
        var learnt = LikeliestArchitecture.Within(Tiny.Space, choices.Probabilities, [], 32)!;
        Assert.Equal(sign < 0 ? last.Max : last.Min, learnt.Architecture[3]);
        Assert.InRange(choices.Probabilities[3].Max(), 0.8, 1);
        Assert.InRange(choices.Entropies[3], 0, 0.6);
    }

    private static LearningBatch Batch(Method method, long step)
    {
        var (first, second) = TinyModel.Views(step);
        return new(ViewBatch.Of(method.Views, first, second), []);
    }

    /// <summary>An objective that learns nothing of images.</summary>
    /// <param name="Sign">1 where much is bad, -1 where it is good.</param>
    private sealed record PlantedOptions(int Sign) : ObjectiveOptions("planted", hasTeacher: false)
    {
        public override HeadShapes Heads() => new(new([8], 4));

        public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.SimClr(size);

        public override Objective Create(ObjectiveSite site) => new Planted(Sign);
    }

    /// <summary>The sum over the channels of the last map of their means.</summary>
    private sealed class Planted(int sign) : Objective
    {
        public override ViewOutput Student(NetworkHeads heads, Tensor map) =>
            new(heads.OfMap(map), Map: map.to(ScalarType.Float32).flatten(2).transpose(1, 2));

        public override Tensor Loss(PartOutputs part, RunPosition at) => sign * part.Students[0]!.Map!.mean([0L, 1L]).sum();
    }
}
