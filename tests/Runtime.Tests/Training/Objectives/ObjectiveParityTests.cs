using System.Text.Json;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Every objective against an implementation in plain PyTorch: same weights, views and architectures, five steps with the schedules.</summary>
public sealed class ObjectiveParityTests
{
    private const int Steps = 5;
    private const double Tolerance = 1e-4;

    public static TheoryData<string, string?> Cases
    {
        get
        {
            var cases = new TheoryData<string, string?>();
            foreach (var name in TinyObjectives.All.Keys)
            {
                cases.Add(name, null);
                cases.Add(name, Tiny.Space.Sample(ref random).ToString());
            }
            return cases;
        }
    }

    private static CounterRandom random = CounterRandom.For(3, "parity");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Losses_gradients_and_state_equal_PyTorch(string name, string? architecture)
    {
        using var scope = NewDisposeScope();
        var method = TinyObjectives.All[name] with { Architecture = architecture };
        // BatchNorm over four vectors makes chaos of larger steps, and they may change which positions match; the optimizers have a test of their own.
        double[] rates = name is "moco-v2" or "ressl" ? [0.05, 0.04, 0.03, 0.02, 0.01] : name is "densecl" ? [0.01, 0.008, 0.006, 0.004, 0.002] : name is "dino" ? [1e-4, 8e-5, 6e-5, 4e-5, 2e-5] : [0.001, 0.0008, 0.0006, 0.0004, 0.0002];
        using var model = TinyModel.Create(method);
        var expected = Expected(model, method, rates);
        foreach (var tensor in expected.Values) scope.Attach(tensor);
        for (var step = 0; step < Steps; step++)
        {
            using var views = TinyObjectives.Views(method.Views, step);
            var losses = model.Step(views, TinyModel.Architectures(method, step), TinyObjectives.At(step), rates[step]);
            Close.To(expected["losses"].select(0, step), losses, Tolerance, $"losses of step {step}");
            if (step > 0) continue;
            var slots = model.Networks.StudentWeights.Slots;
            Close.To(Whole(slots, s => expected[$"gradient.{s.Key}"]), Whole(slots, s => s.FullGradient()), Tolerance, "gradient");
            // What cancels, such as a bias before BatchNorm, is rounding on the scale of the whole.
            var rounding = 1e-5 * Close.Norm(Whole(slots, s => s.FullGradient()));
            foreach (var slot in slots) Close.To(expected[$"gradient.{slot.Key}"], slot.FullGradient(), Tolerance, $"gradient of {slot.Key}", rounding);
        }
        foreach (var (key, values) in model.Networks.State) Close.To(expected[key], values, Tolerance, key, rounding: 1e-5);
        foreach (var (key, values) in Kept(model)) Close.To(expected[$"kept.{key}"], values, Tolerance, key);
    }

    private static Tensor Whole(IEnumerable<ParameterSlot> slots, Func<ParameterSlot, Tensor> part) => cat(slots.Select(s => part(s).flatten()).ToList());

    /// <summary>What the objective keeps between steps.</summary>
    private static List<(string Name, Tensor Values)> Kept(Pretraining model) =>
        [.. model.State.Where(entry => !entry.Name.Contains('.', StringComparison.Ordinal))];

    private static Dictionary<string, Tensor> Expected(Pretraining model, Method method, double[] rates)
    {
        var tensors = model.Networks.State.Concat(Kept(model).Select(entry => ($"kept.{entry.Name}", entry.Values))).ToList();
        for (var step = 0; step < Steps; step++)
        {
            var views = TinyObjectives.Views(method.Views, step);
            for (var view = 0; view < method.Views.Views.Count; view++) tensors.Add(($"view{step}.{view}", views.Tensors[view]));
        }
        var json = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        return Reference.Run("objectives_reference.py", tensors, new()
        {
            ["kind"] = method.Objective.Name,
            ["objective"] = JsonSerializer.Serialize(method.Objective, method.Objective.GetType(), json),
            ["optimizer"] = JsonSerializer.Serialize(new
            {
                kind = method.Optimizer.Kind.ToString(),
                weightDecay = method.Optimizer.WeightDecay,
                finalWeightDecay = method.Optimizer.FinalWeightDecay,
                momentum = method.Optimizer.Momentum,
                decayVectors = method.Optimizer.DecayVectors,
            }),
            ["plan"] = JsonSerializer.Serialize(new
            {
                sizes = method.Views.Views.Select(view => view.Recipe.Size),
                students = Enumerable.Range(0, method.Views.Views.Count).Where(view => method.Views.Views[view].Roles.HasFlag(ViewRoles.Student)),
                terms = method.Views.Terms.Select(term => new { target = term.Target, prediction = term.Prediction, weight = term.Weight }),
            }),
            ["run"] = JsonSerializer.Serialize(new { steps = TinyObjectives.At(0).Steps, stepsPerEpoch = TinyObjectives.At(0).StepsPerEpoch }),
            ["largest"] = JsonSerializer.Serialize(model.Networks.Largest.Choices.ToArray()),
            ["architectures"] = JsonSerializer.Serialize(Enumerable.Range(0, Steps).Select(s => TinyModel.Architectures(method, s).Select(a => a.Choices.ToArray()))),
            ["rates"] = JsonSerializer.Serialize(rates),
        });
    }
}
