using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>What a network with its heads gives for a view of N images.</summary>
/// <param name="Z">Unit vectors, [N, D].</param>
/// <param name="Scores">Of the prototypes, [N, K].</param>
/// <param name="Grid">A unit vector for each position, [N, T, D].</param>
/// <param name="Map">The network's own features at each position, [N, T, C].</param>
/// <param name="Pooled">A unit vector for the mean of the positions, [N, D].</param>
/// <param name="Foreign">A unit vector that is compared with a foreign teacher's embedding, [N, D], where z is something else.</param>
/// <param name="Places">A map whose relations are compared with a foreign teacher's, [N, C, H, W].</param>
public sealed record ViewOutput(Tensor Z, Tensor? Scores = null, Tensor? Grid = null, Tensor? Map = null, Tensor? Pooled = null, Tensor? Foreign = null, Tensor? Places = null)
{
    /// <summary>The same of every part.</summary>
    public ViewOutput Each(Func<Tensor, Tensor> change) =>
        new(change(Z), Changed(Scores, change), Changed(Grid, change), Changed(Map, change), Changed(Pooled, change), Changed(Foreign, change), Changed(Places, change));

    /// <summary>Some of the images.</summary>
    public ViewOutput Rows(long first, long count) => Each(part => part.narrow(0, first, count));

    /// <summary>Puts outputs together, part by part.</summary>
    public static ViewOutput Join(IReadOnlyList<ViewOutput> outputs, Func<List<Tensor>, Tensor> join)
    {
        return new(join(Of(o => o.Z)!), Joined(o => o.Scores), Joined(o => o.Grid), Joined(o => o.Map), Joined(o => o.Pooled), Joined(o => o.Foreign), Joined(o => o.Places));

        List<Tensor>? Of(Func<ViewOutput, Tensor?> part) => part(outputs[0]) is null ? null : [.. outputs.Select(o => part(o)!)];

        Tensor? Joined(Func<ViewOutput, Tensor?> part) => Of(part) is { } all ? join(all) : null;
    }

    private static Tensor? Changed(Tensor? part, Func<Tensor, Tensor> change) => part is null ? null : change(part);

    /// <summary>Hands the parts over to the outer dispose scope.</summary>
    public ViewOutput MoveToOuterDisposeScope() => Each(part => part.MoveToOuterDisposeScope());
}
