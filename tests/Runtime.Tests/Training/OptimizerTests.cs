using System.Globalization;
using System.Text.Json;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>The optimizers over a store's flat buffers against PyTorch's over one tensor for each parameter, with the same gradients.</summary>
public sealed class OptimizerTests
{
    private const int Steps = 5;
    private const int Frozen = 2;
    private const string Late = "conv1.weight";
    private const string Depthwise = "depthwise.weight";

    [SkippableTheory]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Lars, false)]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.AdamW, false, 3.0)]
    public void Five_steps_are_those_of_PyTorch(OptimizerKind kind, bool decayVectors, double clip = 0)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var store = new ParameterStore();
        Tiny.Space.CreateSupernet(store);
        store.Declare(Depthwise, [6, 1, 3, 3], Initializer.KaimingFanOut, depthwise: true);
        store.Allocate(CPU, ScalarType.Float32, trainable: true);
        store.Initialize(1);
        using var optimizer = new OptimizerOptions(kind, WeightDecay: 0.1, DecayVectors: decayVectors, Clip: clip).Create(store, [store.Slots.Single(slot => slot.Key == Late)]);
        double[] rates = [0.1, 0.08, 0.06, 0.04, 0.02], decays = [0.1, 0.2, 0.3, 0.4, 0.5];

        var tensors = store.Slots.Select(slot => ($"value.{slot.Key}", slot.Full().clone())).ToList();
        for (var step = 0; step < Steps; step++)
        {
            using var generator = new Generator((ulong)step);
            tensors.AddRange(store.Slots.Select(slot => ($"gradient{step}.{slot.Key}", randn(slot.Shape, generator: generator))));
        }
        var expected = Reference.Run("optimizers_reference.py", tensors, new()
        {
            ["kind"] = kind.ToString(),
            ["rates"] = JsonSerializer.Serialize(rates),
            ["decays"] = JsonSerializer.Serialize(decays),
            ["vectors"] = decayVectors.ToString(),
            ["late"] = Late,
            ["depthwise"] = Depthwise,
            ["clip"] = clip.ToString(CultureInfo.InvariantCulture),
            ["frozen"] = $"{Frozen}",
        });
        foreach (var tensor in expected.Values) scope.Attach(tensor);

        var gradients = tensors.ToDictionary(entry => entry.Item1, entry => entry.Item2);
        for (var step = 0; step < Steps; step++)
        {
            foreach (var slot in store.Slots) slot.FullGradient().copy_(gradients[$"gradient{step}.{slot.Key}"]);
            optimizer.Step(new(rates[step], decays[step], step, Frozen));
        }
        foreach (var slot in store.Slots) Close.To(expected[slot.Key], slot.Full(), 1e-5, slot.Key);
    }
}
