using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Heads;

/// <summary>The heads of a student or of a teacher.</summary>
public sealed class NetworkHeads
{
    /// <summary>Declares the heads' parameters at the largest embedding.</summary>
    public NetworkHeads(ParameterStore store, Supernet net, int channels, HeadShapes shapes, bool isTeacher)
    {
        Projector = new(store, net, "neck.mlp", channels, shapes.Projector);
        if (shapes.Dense is { } dense) Dense = new(store, net, "neck.dense", channels, dense);
        if (shapes.Prototypes > 0) Prototypes = new(store, shapes.Projector.Output, shapes.Prototypes);
        // Last, so that all before it lies at the same places in both stores.
        if (shapes.Predictor is { } predictor && !isTeacher) Predictor = new(store, net, "predictor", shapes.Projector.Output, predictor);
        if (shapes.Foreign is { } foreign && !isTeacher) Foreign = new(store, net, "foreign", channels, foreign);
    }

    public Mlp Projector { get; }

    public Mlp? Predictor { get; }

    public Mlp? Dense { get; }

    /// <summary>From the embedding to a foreign teacher's; the student's alone.</summary>
    public Mlp? Foreign { get; }

    public Prototypes? Prototypes { get; }

    /// <summary>Length of z.</summary>
    public int Dimension => Projector.Output;

    /// <summary>Unit vectors z: embeddings [N, C] -> [N, D].</summary>
    public Tensor forward(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        return functional.normalize(Projector.forward(embedding), dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>The same of a network's last output, a map [N, C, H, W] or tokens [N, 1 + T, C].</summary>
    public Tensor OfMap(Tensor map)
    {
        using var scope = NewDisposeScope();
        return forward(Tokens.Pool(map)).MoveToOuterDisposeScope();
    }
}

/// <summary>What an objective hangs on a network.</summary>
/// <param name="Projector">From the embedding to z.</param>
/// <param name="Predictor">From the student's z to the teacher's; the teacher has none.</param>
/// <param name="Dense">From each position of the last map to a z of its own.</param>
/// <param name="Prototypes">How many unit vectors z is compared with; 0 for none.</param>
/// <param name="Foreign">From the student's embedding to a foreign teacher's, where z is something else.</param>
public sealed record HeadShapes(MlpShape Projector, MlpShape? Predictor = null, MlpShape? Dense = null, int Prototypes = 0, MlpShape? Foreign = null);
