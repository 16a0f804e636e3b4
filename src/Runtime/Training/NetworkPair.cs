using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// A student supernet and its teacher, the momentum encoder, each with its heads in one flat store. An objective without a teacher is its
/// own: the student's largest network.
/// </summary>
public sealed class NetworkPair : IDisposable
{
    /// <summary>Allocates both on a device, all weights zero.</summary>
    /// <param name="space">Whose supernet it is.</param>
    /// <param name="heads">What hangs on it.</param>
    /// <param name="hasTeacher">Whether the teacher has weights of its own.</param>
    /// <param name="device">Where.</param>
    /// <param name="computeType">The type that convolutions compute in.</param>
    /// <param name="trainable">Whether the student has gradients.</param>
    /// <param name="only">The one architecture that both are, with no other weights; null for the whole supernet.</param>
    public NetworkPair(
        SearchSpace space, HeadShapes heads, bool hasTeacher, Device device, ScalarType computeType, bool trainable,
        Architecture? only = null)
    {
        (Space, Only) = (space, only);
        (StudentWeights, Student, StudentHead) = Network(gradients: trainable);
        (TeacherWeights, Teacher, TeacherHead) = hasTeacher
            ? Network(gradients: false, StudentWeights)
            : (StudentWeights, Student, StudentHead);

        (ParameterStore, Supernet, NetworkHeads) Network(bool gradients, ParameterStore? student = null)
        {
            var store = new ParameterStore();
            var net = only is null ? space.CreateSupernet(store) : FixedSupernet.Create(space, store, only);
            var own = new NetworkHeads(store, net, Largest.EmbeddingChannels, heads, isTeacher: student is not null);
            store.Allocate(device, computeType, gradients, student);
            return (store, net, own);
        }
    }

    /// <summary>The space whose supernet both are.</summary>
    public SearchSpace Space { get; }

    /// <summary>The one architecture that there are weights for; null for a whole supernet.</summary>
    public Architecture? Only { get; }

    /// <summary>
    /// The largest architecture that there are weights for: the one that the teacher runs (DATA, section 3.2), unless the method says
    /// otherwise.
    /// </summary>
    public Architecture Largest => Only ?? Space.Max;

    /// <summary>The student's weights, its heads' among them.</summary>
    public ParameterStore StudentWeights { get; }

    /// <summary>The network that gradients train.</summary>
    public Supernet Student { get; }

    /// <summary>The student's heads.</summary>
    public NetworkHeads StudentHead { get; }

    /// <summary>The teacher's weights; the student's where it has none of its own.</summary>
    public ParameterStore TeacherWeights { get; }

    /// <summary>The momentum encoder.</summary>
    public Supernet Teacher { get; }

    /// <summary>The teacher's heads; the student's where it has no weights of its own.</summary>
    public NetworkHeads TeacherHead { get; }

    /// <summary>Whether the teacher has weights of its own.</summary>
    public bool HasTeacher => TeacherWeights != StudentWeights;

    /// <summary>All weights by the name that checkpoints give them.</summary>
    public IEnumerable<(string Name, Tensor Values)> State
    {
        get
        {
            var student = StudentWeights.Slots.Select(slot => ($"student.{slot.Key}", slot.Full()));
            return HasTeacher ? student.Concat(TeacherWeights.Slots.Select(slot => ($"teacher.{slot.Key}", slot.Full()))) : student;
        }
    }

    /// <summary>theta_t = m * theta_t + (1 - m) * theta_s.</summary>
    public void MoveTeacher(double momentum)
    {
        TeacherWeights.MustNotBeFrozen();
        using var grad = no_grad();
        foreach (var (start, count) in TeacherWeights.Stretches(0, TeacherWeights.Values.numel()))
        {
            using var slow = TeacherWeights.Values.narrow(0, start, count);
            using var fast = StudentWeights.Values.narrow(0, start, count);
            FlatUpdate.Mix(slow, fast, momentum, 1 - momentum);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StudentWeights.Dispose();
        if (HasTeacher) TeacherWeights.Dispose();
    }
}
