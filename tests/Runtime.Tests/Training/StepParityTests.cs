using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Tests.Training.Objectives;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// Training steps against what MoCo v2 written plainly in PyTorch, in 64 bits, made of them: same weights, views and architectures.
/// </summary>
public sealed class StepParityTests
{
    private const int Steps = 5;
    private const double Tolerance = 1e-4;

    /// <summary>Of single tensors' momentum after all steps: rounding grows from step to step.</summary>
    private const double MomentumTolerance = 1e-3;
    private static readonly long[] View = [TinyModel.Batch, 3, 32, 32];
    private static readonly double[] Rates = [0.05, 0.04, 0.03, 0.02, 0.01];

    [Theory]
    [InlineData(SandwichRule.Algorithm1)]
    [InlineData(SandwichRule.Released)]
    public void Losses_gradients_and_state_equal_PyTorch(SandwichRule rule)
    {
        using var scope = NewDisposeScope();
        using var recording = Recording.Of(
            "moco",
            new[] { SandwichRule.Algorithm1, SandwichRule.Released }.Select(
                each => ($"{each}", Settings(TinyModel.Method with { Rule = each }))));
        var method = TinyModel.Method with { Rule = rule };
        CompareGradients(recording[$"{rule}/gradient"], method);

        using var model = Create(method);
        for (var step = 0; step < Steps; step++)
            Close.To(
                recording[$"{rule}/losses"].select(0, step),
                model.Step(Views(step), TinyModel.Architectures(method, step), TinyModel.At(step), Rates[step]), Tolerance,
                $"losses of step {step}");
        var after = ObjectiveReference.State(model).ToList();
        Assert.Equal(after.Count, recording[$"{rule}/after"].shape[0]);
        foreach (var (i, (key, values)) in after.Index())
            Sketch.MustBe(
                recording[$"{rule}/after"][i], values,
                key.StartsWith("momentum.", StringComparison.Ordinal) ? MomentumTolerance : Tolerance, key);
    }

    /// <summary>Without weight decay the optimizer leaves the gradients as they came.</summary>
    private static void CompareGradients(Tensor expected, Method method)
    {
        using var model = Create(method with { Optimizer = TinyModel.Method.Optimizer with { WeightDecay = 0 } });
        model.Step(Views(0), TinyModel.Architectures(method, 0), TinyModel.At(0), Rates[0]);
        var slots = model.Networks.StudentWeights.Slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(slots.Count, expected.shape[0]);
        foreach (var (i, slot) in slots.Index()) Sketch.MustBe(expected[i], slot.FullGradient(), Tolerance, $"gradient of {slot.Key}");
    }

    private static Pretraining Create(Method method)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var model = TinyModel.Create(method);
        foreach (var (key, values) in model.Networks.State) values.copy_(Seeded.Parameter($"moco/{key}", values.shape));
        var keys = model.Queues[0].Queue.Keys;
        keys.copy_(Seeded.Uniform("moco/queue", keys.shape, Math.Sqrt(3.0 / keys.shape[0])));
        return model;
    }

    private static ViewBatch Views(int step) =>
        TinyModel.Batched(
            [
                .. new[] { "queries", "keys" }.Select(
                    view => MemoryFormat.ChannelsLast(Seeded.Uniform($"moco/{step}/{view}", View, Math.Sqrt(3)))),
            ]);

    private static object Settings(Method method)
    {
        using var model = TinyModel.Create(method);
        return new
        {
            rule = method.Rule.ToString(),
            momentum = method.Optimizer.Momentum,
            weightDecay = method.Optimizer.WeightDecay,
            teacherMomentum = TinyModel.Objective.TeacherMomentum,
            temperature = TinyModel.Objective.Temperature,
            max = Tiny.Space.Max.Choices.ToArray(),
            architectures = Enumerable.Range(0, Steps).Select(s => TinyModel.Architectures(method, s).Select(a => a.Choices.ToArray())),
            rates = Rates,
            view = View,
            queue = model.Queues[0].Queue.Keys.shape,
            student = model.Networks.StudentWeights.Slots.ToDictionary(slot => slot.Key, slot => slot.Shape),
        };
    }
}
