using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// MoCo on the tiny space, its weights moved off their initial values: zero scales and a teacher equal to the student would hide mistakes.
/// </summary>
internal static class TinyModel
{
    public const int Batch = 4;
    public static readonly MoCoOptions Objective = new(Dimension: 16, Hidden: 24, QueueLength: 24, TeacherMomentum: 0.9);
    public static readonly Method Method = new(
        Objective, new(OptimizerKind.Sgd, WeightDecay: 0.01, DecayVectors: true), ViewPlan.MoCoV2(32));

    public static Pretraining Create(Method method, ScalarType type = ScalarType.Float32, ProcessGroup? processes = null)
    {
        var model = new Pretraining(Tiny.Space, method, CPU, type, seed: 3, processes);
        Disturb(model.Networks.StudentWeights, 11);
        if (model.Networks.HasTeacher) Disturb(model.Networks.TeacherWeights, 12);
        return model;
    }

    /// <summary>A step of a run of a thousand, ten an epoch.</summary>
    public static RunPosition At(long step) => new(step, 1000, 10);

    /// <summary>MoCo's two views as a step takes them.</summary>
    public static ViewBatch Batched(params Tensor[] views) => ViewBatch.Of(Method.Views, views);

    /// <summary>Two views [N, 3, 32, 32] with channels-last strides, as the view maker gives them.</summary>
    public static (Tensor Queries, Tensor Keys) Views(long step)
    {
        using var generator = new Generator((ulong)(100 + step));
        var both = randn([2 * Batch, 32, 32, 3], generator: generator).permute(0, 3, 1, 2);
        return (both.narrow(0, 0, Batch), both.narrow(0, Batch, Batch));
    }

    public static Architecture[] Architectures(Method method, long step) => method.Students(Tiny.Space, 5, At(step));

    private static void Disturb(ParameterStore store, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new Generator(seed);
        foreach (var slot in store.Slots) slot.Full().add_(randn(slot.Shape, generator: generator).mul_(0.1));
    }
}
