using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// The optimizers over a store's flat buffers against PyTorch's over one tensor for each parameter, with the same gradients.
/// </summary>
public sealed class OptimizerTests
{
    private const int Steps = 5;
    private const int Frozen = 2;

    /// <summary>Of a weight in five steps of 32 bits, relative to it; LARS moves it by a thousandth.</summary>
    private const double Rounding = 3e-7;

    private const string Late = "conv1.weight";
    private const string Depthwise = "depthwise.weight";

    private static readonly double[] Rates = [0.1, 0.08, 0.06, 0.04, 0.02];
    private static readonly double[] Decays = [0.1, 0.2, 0.3, 0.4, 0.5];

    public static TheoryData<OptimizerKind, bool, double> Cases => new()
    {
        { OptimizerKind.Sgd, true, 0 },
        { OptimizerKind.Sgd, false, 0 },
        { OptimizerKind.Lars, false, 0 },
        { OptimizerKind.AdamW, false, 0 },
        { OptimizerKind.AdamW, false, 3 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Five_steps_are_those_of_PyTorch(OptimizerKind kind, bool decayVectors, double clip)
    {
        Compare(kind, decayVectors, clip, apart: false);
        Compare(kind, decayVectors, clip, apart: true);
    }

    private static void Compare(OptimizerKind kind, bool decayVectors, double clip, bool apart)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var store = new ParameterStore();
        Tiny.Space.CreateSupernet(store);
        store.Declare(Depthwise, [6, 1, 3, 3], Initializer.KaimingFanOut, depthwise: true);
        store.Allocate(CPU, ScalarType.Float32, trainable: true);
        using var recording = Recording.Of(
            "optimizers", Cases.Select(row => (Kind: (OptimizerKind)row[0], DecayVectors: (bool)row[1], Clip: (double)row[2]))
            .Select(each => (Name(each.Kind, each.DecayVectors, each.Clip), Settings(store, each.Kind, each.DecayVectors, each.Clip))));
        using var optimizer = new OptimizerOptions(kind, WeightDecay: 0.1, DecayVectors: decayVectors, Clip: clip)
            .Create(store, [store.Slots.Single(slot => slot.Key == Late)], apart);
        foreach (var slot in store.Slots) slot.Full().copy_(Seeded.Uniform($"optimizers/{slot.Key}", slot.Shape));
        var before = store.Slots.ToDictionary(slot => slot.Key, slot => slot.Full().to(ScalarType.Float64));
        for (var step = 0; step < Steps; step++)
        {
            var at = new OptimizerStep(Rates[step], Decays[step], step, Frozen);
            optimizer.Begin(at);
            foreach (var slot in store.Slots) slot.FullGradient().add_(Seeded.Uniform($"optimizers/{step}/{slot.Key}", slot.Shape));
            optimizer.Step(at);
        }
        var expected = recording[Name(kind, decayVectors, clip)];
        Assert.Equal(store.Slots.Count, expected.shape[0]);
        foreach (var (i, slot) in store.Slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).Index())
            Sketch.MustBe(
                expected[i], slot.Full().to(ScalarType.Float64) - before[slot.Key], 1e-4, $"change of {slot.Key}",
                Rounding * before[slot.Key].norm().item<double>());
    }

    private static string Name(OptimizerKind kind, bool decayVectors, double clip) =>
        $"{kind}{(decayVectors ? ", vectors too" : "")}{(clip > 0 ? ", clipped" : "")}";

    private static object Settings(ParameterStore store, OptimizerKind kind, bool decayVectors, double clip) => new
    {
        kind = kind.ToString(),
        rates = Rates,
        decays = Decays,
        decayVectors,
        clip,
        late = Late,
        frozen = Frozen,
        depthwise = Depthwise,
        parameters = store.Slots.ToDictionary(slot => slot.Key, slot => slot.Shape),
    };
}
