using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>
/// Every objective against what an implementation in plain PyTorch in 64 bits made of the same weights, views and architectures: five steps
/// with the schedules.
/// </summary>
/// <remarks>
/// The reference chooses views that keep every ReLU's input and every match clear of where 32 bits could decide otherwise than 64: of two
/// PyTorch runs in the two precisions gradients differ by up to 3e-3 where two of 5.6 million inputs change sides, and by 6e-5 where none
/// does. Each step starts from a state of its own: a step amplifies differences, so two runs in different precisions drift apart, and after
/// a few steps one compares rounding. What a step makes of its state is compared all the more closely: its losses, each gradient, and how
/// each weight, momentum, teacher's weight and memory changes.
/// </remarks>
public sealed class ObjectiveParityTests(ObjectiveReference reference) : IClassFixture<ObjectiveReference>
{
    private const double Tolerance = 1e-4;

    /// <summary>What cancels, such as the gradient of a bias before BatchNorm, is rounding on the scale of the whole.</summary>
    private const double Rounding = 1e-6;

    [Theory]
    [MemberData(nameof(ObjectiveReference.Cases), MemberType = typeof(ObjectiveReference))]
    public void Losses_gradients_and_state_equal_PyTorch(string name, bool isFixed)
    {
        using var scope = NewDisposeScope();
        var method = ObjectiveReference.Method(name, isFixed);
        using var model = TinyModel.Create(method);
        var slots = model.Networks.StudentWeights.Slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).ToList();
        for (var step = 0; step < ObjectiveReference.Steps; step++)
        {
            ObjectiveReference.Take(model, name, isFixed, step);
            var before = ObjectiveReference.State(model).Select(entry => entry.Values.to(ScalarType.Float64)).ToList();
            using var views = reference.Views(name, isFixed, step);
            var (at, rate) = (TinyObjectives.At(step), ObjectiveReference.Rate(method, step));
            var update = method.UpdateAt(at, rate);
            var begun = Begun(model, update);
            var losses = model.Step(
                views, TinyModel.Architectures(method, step), at, rate, ObjectiveReference.Foreign(name, isFixed, step));
            Close.To(reference.Losses(name, isFixed, step), losses, Tolerance, $"losses of step {step}");

            var sums = slots.ConvertAll(slot => slot.FullGradient() - slot.ViewOf(begun));
            var whole = Math.Sqrt(sums.Sum(sum => Math.Pow(Close.Norm(sum), 2)));
            var gradients = reference.Gradients(name, isFixed, step);
            Assert.Equal(slots.Count, gradients.shape[0]);
            foreach (var (i, slot) in slots.Index())
            {
                // The sum of a parameter that the step leaves alone is gone.
                if (step < update.FrozenSteps && model.Optimizer.LateSlots.Contains(slot)) continue;
                Sketch.MustBe(gradients[i], sums[i], Tolerance, $"step {step}, gradient of {slot.Key}", Rounding * whole);
            }
            var changes = reference.Changes(name, isFixed, step);
            Assert.Equal(before.Count, changes.shape[0]);
            // Weights are stored with 2^-24 of their own size, and where gradients cancel their sums are rounding too.
            foreach (var (i, (key, values)) in ObjectiveReference.State(model).Index())
                Sketch.MustBe(
                    changes[i], values.to(ScalarType.Float64) - before[i], Tolerance, $"step {step}, change of {key}",
                    Rounding * (whole + Close.Norm(values)));
        }
    }

    /// <summary>What an optimizer puts where a step's gradients are summed; the model is left as it was.</summary>
    private static Tensor Begun(Pretraining model, OptimizerStep step)
    {
        using var grad = no_grad();
        var sums = model.Networks.StudentWeights.Gradients;
        using var before = sums.clone();
        model.Optimizer.Begin(step);
        var begun = sums.clone();
        sums.copy_(before);
        return begun;
    }
}
