using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>What a network with its heads gives for a view of N images.</summary>
/// <param name="Z">Unit vectors, [N, D].</param>
/// <param name="Scores">Of the prototypes, [N, K].</param>
/// <param name="Grid">A unit vector for each position, [N, T, D].</param>
/// <param name="Map">The network's own features at each position, [N, T, C].</param>
/// <param name="Pooled">A unit vector for the mean of the positions, [N, D].</param>
public sealed record ViewOutput(Tensor Z, Tensor? Scores = null, Tensor? Grid = null, Tensor? Map = null, Tensor? Pooled = null)
{
    /// <summary>The same of every part.</summary>
    public ViewOutput Each(Func<Tensor, Tensor> change) =>
        new(change(Z), Scores is null ? null : change(Scores), Grid is null ? null : change(Grid), Map is null ? null : change(Map), Pooled is null ? null : change(Pooled));

    /// <summary>Some of the images.</summary>
    public ViewOutput Rows(long first, long count) => Each(part => part.narrow(0, first, count));

    /// <summary>Puts outputs together, part by part.</summary>
    public static ViewOutput Join(IReadOnlyList<ViewOutput> outputs, Func<List<Tensor>, Tensor> join)
    {
        return new(join(Of(o => o.Z)!), Joined(o => o.Scores), Joined(o => o.Grid), Joined(o => o.Map), Joined(o => o.Pooled));

        List<Tensor>? Of(Func<ViewOutput, Tensor?> part) => part(outputs[0]) is null ? null : [.. outputs.Select(o => part(o)!)];

        Tensor? Joined(Func<ViewOutput, Tensor?> part) => Of(part) is { } all ? join(all) : null;
    }

    /// <summary>Hands the parts over to the outer dispose scope.</summary>
    public ViewOutput MoveToOuterDisposeScope() => Each(part => part.MoveToOuterDisposeScope());
}
