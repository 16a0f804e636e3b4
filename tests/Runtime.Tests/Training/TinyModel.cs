using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>MoCo on the tiny space, its weights moved off their initial values: zero scales and a teacher equal to the student would hide mistakes.</summary>
internal static class TinyModel
{
    public const int Batch = 4;
    public static readonly MoCoOptions Options = new(Dimension: 16, Hidden: 24, QueueLength: 24, TeacherMomentum: 0.9, WeightDecay: 0.01);

    public static MoCo Create(MoCoOptions options, ScalarType type = ScalarType.Float32, ProcessGroup? processes = null)
    {
        var model = new MoCo(Tiny.Space, options, CPU, type, seed: 3, processes);
        Disturb(model.Networks.StudentWeights, 11);
        Disturb(model.Networks.TeacherWeights, 12);
        return model;
    }

    /// <summary>Two views [N, 3, 32, 32] with channels-last strides, as the view maker gives them.</summary>
    public static (Tensor Queries, Tensor Keys) Views(long step)
    {
        using var generator = new Generator((ulong)(100 + step));
        var both = randn([2 * Batch, 32, 32, 3], generator: generator).permute(0, 3, 1, 2);
        return (both.narrow(0, 0, Batch), both.narrow(0, Batch, Batch));
    }

    public static Architecture[] Architectures(MoCoOptions options, long step) => MoCo.Draw(Tiny.Space, options.Rule, 5, step);

    private static void Disturb(ParameterStore store, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new Generator(seed);
        foreach (var slot in store.Slots) slot.Full().add_(randn(slot.Shape, generator: generator).mul_(0.1));
        store.Changed();
    }
}
