using System.Text.Json;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Training steps against MoCo v2 written plainly in PyTorch: same weights, views and architectures.</summary>
public sealed class StepParityTests
{
    private const int Steps = 5;
    private const double Tolerance = 1e-4;

    /// <summary>Of single tensors' momentum after all steps: rounding grows from step to step.</summary>
    private const double MomentumTolerance = 1e-3;
    private static readonly double[] Rates = [0.05, 0.04, 0.03, 0.02, 0.01];

    [SkippableTheory]
    [InlineData(SandwichRule.Algorithm1)]
    [InlineData(SandwichRule.Released)]
    public void Losses_gradients_and_state_equal_PyTorch(SandwichRule rule)
    {
        using var scope = NewDisposeScope();
        var options = TinyModel.Method with { Rule = rule };
        using var model = TinyModel.Create(options);
        var expected = Expected(model, options);
        foreach (var tensor in expected.Values) scope.Attach(tensor);

        CompareGradients(expected, options);
        for (var step = 0; step < Steps; step++)
        {
            var (queries, keys) = TinyModel.Views(step);
            Close.To(expected["losses"].select(0, step), model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(options, step), TinyModel.At(step), Rates[step]), Tolerance, $"losses of step {step}");
        }
        foreach (var slot in model.Networks.StudentWeights.Slots)
        {
            Close.To(expected[$"student.{slot.Key}"], slot.Full(), Tolerance, $"student {slot.Key}");
            Close.To(expected[$"momentum.{slot.Key}"], slot.ViewOf(model.Optimizer.State[0].Values), MomentumTolerance, $"momentum {slot.Key}");
        }
        var all = model.Networks.StudentWeights.Slots;
        Close.To(Whole(all, s => expected[$"momentum.{s.Key}"]), Whole(all, s => s.ViewOf(model.Optimizer.State[0].Values)), Tolerance, "momentum");
        foreach (var slot in model.Networks.TeacherWeights.Slots) Close.To(expected[$"teacher.{slot.Key}"], slot.Full(), Tolerance, $"teacher {slot.Key}");
        Close.To(expected["queue"], model.Queues[0].Queue.Keys, Tolerance, "queue");
    }

    /// <summary>Without weight decay the optimizer leaves the gradients as they came.</summary>
    private static void CompareGradients(Dictionary<string, Tensor> expected, Method options)
    {
        using var model = TinyModel.Create(options with { Optimizer = TinyModel.Method.Optimizer with { WeightDecay = 0 } });
        var (queries, keys) = TinyModel.Views(0);
        model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(options, 0), TinyModel.At(0), Rates[0]);
        var slots = model.Networks.StudentWeights.Slots;
        foreach (var slot in slots) Close.To(expected[$"gradient.{slot.Key}"], slot.FullGradient(), Tolerance, $"gradient of {slot.Key}");
        Close.To(Whole(slots, s => expected[$"gradient.{s.Key}"]), Whole(slots, s => s.FullGradient()), Tolerance, "gradient");
    }

    private static Tensor Whole(IEnumerable<ParameterSlot> slots, Func<ParameterSlot, Tensor> part) => cat(slots.Select(s => part(s).flatten()).ToList());

    private static Dictionary<string, Tensor> Expected(Pretraining model, Method options)
    {
        var tensors = model.Networks.StudentWeights.Slots.Select(s => ($"student.{s.Key}", s.Full()))
            .Concat(model.Networks.TeacherWeights.Slots.Select(s => ($"teacher.{s.Key}", s.Full())))
            .Append(("queue", model.Queues[0].Queue.Keys)).ToList();
        for (var step = 0; step < Steps; step++)
        {
            var (queries, keys) = TinyModel.Views(step);
            tensors.AddRange([($"queries{step}", queries), ($"keys{step}", keys)]);
        }
        return Reference.Run("moco_reference.py", tensors, new()
        {
            ["options"] = JsonSerializer.Serialize(new
            {
                rule = options.Rule.ToString(),
                momentum = options.Optimizer.Momentum,
                weightDecay = options.Optimizer.WeightDecay,
                teacherMomentum = TinyModel.Objective.TeacherMomentum,
                temperature = TinyModel.Objective.Temperature,
            }),
            ["max"] = JsonSerializer.Serialize(Tiny.Space.Max.Choices.ToArray()),
            ["architectures"] = JsonSerializer.Serialize(Enumerable.Range(0, Steps).Select(s => TinyModel.Architectures(options, s).Select(a => a.Choices.ToArray()))),
            ["rates"] = JsonSerializer.Serialize(Rates),
        });
    }
}
