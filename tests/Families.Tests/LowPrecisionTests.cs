using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>Every family trains in bfloat16: libtorch lacks it for single operators, backward above all.</summary>
public sealed class LowPrecisionTests
{
    private const int Batch = 8;

    public static TheoryData<string> Names => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_step_in_bfloat16_is_near_the_one_in_32_bits(string name)
    {
        var (losses, weights) = Trained(name, ScalarType.Float32);
        var (lowLosses, lowWeights) = Trained(name, ScalarType.BFloat16);
        foreach (var (loss, low) in losses.Zip(lowLosses)) Assert.Equal(loss, low, 0.02 * loss);
        // The updates point the same way, and are as long.
        var (length, lowLength) = (Math.Sqrt(weights.Sum(w => w * w)), Math.Sqrt(lowWeights.Sum(w => w * w)));
        Assert.InRange(weights.Zip(lowWeights, (a, b) => a * b).Sum() / (length * lowLength), 0.85, 1);
        Assert.InRange(lowLength / length, 0.85, 1.15);
    }

    /// <summary>The losses of one step, and by how much it moved the weights.</summary>
    private static (double[] Losses, double[] Update) Trained(string name, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var space = SmallSpaces.Named(name);
        var objective = new MoCoOptions(Dimension: 16, Hidden: 32, QueueLength: 2 * Batch);
        var method = new Method(objective, new(OptimizerKind.Sgd, WeightDecay: 0), objective.Plan(space.InputSize));
        using var model = new Pretraining(space, method, CPU, type, seed: 3);
        using var before = model.Networks.StudentWeights.Values.clone();
        using var generator = new TorchSharp.torch.Generator(7);
        using var views = ViewBatch.Of(method.Views, View(), View());
        var losses = model.Step(views, [space.Max, space.Min], new(0, 10, 10), rate: 0.1).data<float>().ToArray();
        return ([.. losses.Select(l => (double)l)],
            [.. model.Networks.StudentWeights.Values.sub(before).data<float>().ToArray().Select(w => (double)w)]);

        Tensor View() =>
            MemoryFormat.ChannelsLast(randn([Batch, space.InputChannels, space.InputSize, space.InputSize], generator: generator))
                .DetachFromDisposeScope();
    }
}
