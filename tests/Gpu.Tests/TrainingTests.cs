using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>Every objective learns on the device as on the CPU.</summary>
public sealed class TrainingTests
{
    private const int Batch = 16;
    private const int Size = 32;

    public static TheoryData<string> Objectives =>
        [.. ObjectiveKind.All.Select(kind => kind.Name).Where(name => name != DistillOptions.Id)];

    private static readonly SearchSpace space = GpuNetworks.Space("Small32");

    [SkippableTheory, MemberData(nameof(Objectives))]
    public void Losses_and_weights_of_three_steps_are_those_of_the_cpu(string objective)
    {
        var device = Accelerator.Get();
        using var scope = NewDisposeScope();
        using var here = Create(objective, CPU, ScalarType.Float32);
        using var there = Create(objective, device, ScalarType.Float32);
        for (var step = 0; step < 3; step++)
            Assert.InRange(Accelerator.Difference(Step(here, objective, CPU, step), Step(there, objective, device, step)), 0, 1e-3);
        Assert.InRange(Accelerator.Difference(here.Networks.StudentWeights.Values, there.Networks.StudentWeights.Values), 0, 1e-3);
    }

    [SkippableTheory, MemberData(nameof(Objectives))]
    public void Bfloat16_steps_stay_finite_and_hold_no_more_tensors_than_the_first(string objective)
    {
        var device = Accelerator.Get();
        using var model = Create(objective, device, ScalarType.BFloat16);
        for (var step = 0; step < 2; step++) Step(model, objective, device, step).Dispose();
        Forgotten.Free();
        var early = LiveTensors.Count;
        for (var step = 2; step < 10; step++)
        {
            using var scope = NewDisposeScope();
            Assert.True(Step(model, objective, device, step).isfinite().all().item<bool>());
        }
        Assert.Equal(early, LiveTensors.Count);
    }

    private static Method Of(string objective)
    {
        var defaults = new ObjectiveDefaults(Batch, Epochs: 10, Images: 10 * Batch, space.Max.EmbeddingChannels, IsTransformer: false);
        var options = defaults.Objective(objective);
        return new(options, defaults.Optimizer(options).Optimizer, options.Plan(Size));
    }

    private static Pretraining Create(string objective, Device device, ScalarType type) => new(space, Of(objective), device, type, seed: 3);

    private static Tensor Step(Pretraining model, string objective, Device device, int step)
    {
        var method = Of(objective);
        using var generator = new TorchSharp.torch.Generator((ulong)(100 + step));
        using var views = ViewBatch.Of(method.Views, [.. method.Views.Views.Select(view =>
        {
            using var scope = NewDisposeScope();
            return MemoryFormat.ChannelsLast(randn([Batch, 3, view.Recipe.Size, view.Recipe.Size], generator: generator).to(device))
                .MoveToOuterDisposeScope();
        })]);
        return model.Step(views, method.Students(space, 5, new(step, 100, 10)), new(step, 100, 10), rate: 0.01);
    }
}
