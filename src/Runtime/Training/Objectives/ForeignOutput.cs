using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>What a foreign teacher says of N images, or of a view of them.</summary>
/// <param name="Z">Unit embeddings, [N, D].</param>
/// <param name="Map">Its last map, [N, C, H, W]; null where nothing looks at it.</param>
/// <param name="Assignments">Distributions over the image itself and the keys of a queue, [N, 1 + K]; null until an objective makes them.</param>
public sealed record ForeignOutput(Tensor Z, Tensor? Map = null, Tensor? Assignments = null)
{
    /// <summary>Some of the images.</summary>
    public ForeignOutput Rows(long first, long count) => new(Z.narrow(0, first, count), Map?.narrow(0, first, count), Assignments?.narrow(0, first, count));
}
