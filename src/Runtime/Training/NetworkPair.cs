using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>A student supernet and its teacher, the momentum encoder, each with its projection head in one flat store.</summary>
public sealed class NetworkPair : IDisposable
{
    /// <summary>Allocates both on a device, all weights zero.</summary>
    public NetworkPair(SearchSpace space, int hidden, int dimension, Device device, ScalarType computeType, bool trainable)
    {
        Space = space;
        (StudentWeights, Student, StudentHead) = Network(gradients: trainable);
        // The two never compute at the same time, so one copy of the weights in the compute type serves both.
        (TeacherWeights, Teacher, TeacherHead) = Network(gradients: false, StudentWeights);

        (ParameterStore, Supernet, ProjectionHead) Network(bool gradients, ParameterStore? sharing = null)
        {
            var store = new ParameterStore();
            var net = space.CreateSupernet(store);
            var head = new ProjectionHead(store, space.Max.EmbeddingChannels, hidden, dimension);
            store.Allocate(device, computeType, gradients, sharing);
            return (store, net, head);
        }
    }

    public SearchSpace Space { get; }

    public ParameterStore StudentWeights { get; }

    public Supernet Student { get; }

    public ProjectionHead StudentHead { get; }

    public ParameterStore TeacherWeights { get; }

    /// <summary>The momentum encoder; it always runs at Max (DATA, section 3.2).</summary>
    public Supernet Teacher { get; }

    public ProjectionHead TeacherHead { get; }

    public void Dispose()
    {
        StudentWeights.Dispose();
        TeacherWeights.Dispose();
    }
}
