using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Every objective against an implementation in plain PyTorch in 64 bits: same weights, views and architectures, five steps with the schedules.</summary>
/// <remarks>
/// The reference chooses views that keep every ReLU's input and every match clear of where 32 bits could decide otherwise than 64: of two PyTorch runs in the two precisions gradients differ by up to
/// 3e-3 where two of 5.6 million inputs change sides, and by 6e-5 where none does. Each step starts from the reference's state, rounded to 32 bits: a step amplifies differences, so two runs in different precisions drift apart, and after a few steps one compares rounding. What a
/// step makes of its state is compared all the more closely: its losses, each gradient, and how each weight, momentum, teacher's weight and memory changes.
/// </remarks>
public sealed class ObjectiveParityTests(ObjectiveReference reference) : IClassFixture<ObjectiveReference>
{
    private const double Tolerance = 1e-4;

    /// <summary>What cancels, such as the gradient of a bias before BatchNorm, is rounding on the scale of the whole.</summary>
    private const double Rounding = 1e-6;

    [SkippableTheory]
    [MemberData(nameof(ObjectiveReference.Cases), MemberType = typeof(ObjectiveReference))]
    public void Losses_gradients_and_state_equal_PyTorch(string name, bool isFixed)
    {
        using var scope = NewDisposeScope();
        var expected = reference.Of(name, isFixed);
        var method = ObjectiveReference.Method(name, isFixed);
        using var model = TinyModel.Create(method);
        var slots = model.Networks.StudentWeights.Slots;
        for (var step = 0; step < ObjectiveReference.Steps; step++)
        {
            Take(model, entry => expected[$"{step}.{entry}"]);
            using var views = ViewBatch.Of(method.Views, [.. method.Views.Views.Select((_, view) => MemoryFormat.ChannelsLast(expected[$"view{step}.{view}"]).DetachFromDisposeScope())]);
            var losses = model.Step(views, TinyModel.Architectures(method, step), TinyObjectives.At(step), ObjectiveReference.Rate(method, step));
            Close.To(expected["losses"].select(0, step), losses, Tolerance, $"losses of step {step}");

            var whole = Math.Sqrt(slots.Sum(slot => Math.Pow(Close.Norm(slot.FullGradient()), 2)));
            foreach (var slot in slots) Close.To(expected[$"{step}.gradient.{slot.Key}"], slot.FullGradient(), Tolerance, $"step {step}, gradient of {slot.Key}", Rounding * whole);
            foreach (var (key, values) in Compared(model))
            {
                var (before, after) = (expected[$"{step}.{key}"], expected[$"{step + 1}.{key}"]);
                // Weights are stored with 2^-24 of their own size, and where gradients cancel their sums are rounding too.
                Close.To(after - before, values - before, Tolerance, $"step {step}, change of {key}", Rounding * (whole + Close.Norm(after)));
            }
        }
    }

    private static IEnumerable<(string Name, Tensor Values)> Compared(Pretraining model) => model.State.Where(entry => entry.Name != Pretraining.RecentName);

    private static void Take(Pretraining model, Func<string, Tensor> from)
    {
        using var grad = no_grad();
        foreach (var (key, values) in Compared(model)) values.copy_(from(key));
        model.Networks.Changed();
    }
}
