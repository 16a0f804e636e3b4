using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>What a student and its teacher gave for a part of the batch, by view, and what is to be compared.</summary>
/// <param name="Terms">Pairs of views with their weights.</param>
/// <param name="Students">Null for views that students do not see.</param>
/// <param name="Teachers">Null for views that are no target, and everywhere where there is no teacher.</param>
public sealed record PartOutputs(IReadOnlyList<ViewTerm> Terms, ViewOutput?[] Students, ViewOutput?[] Teachers)
{
    /// <summary>What a foreign teacher says, by view; empty where there is none.</summary>
    public IReadOnlyList<ForeignOutput?> Foreign { get; init; } = [];

    /// <summary>The weighted sum over the terms of a loss of (prediction, target).</summary>
    public Tensor Compare(Func<ViewOutput, ViewOutput, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return Weighted(term => loss(Students[term.Prediction]!, Teachers[term.Target]!)).MoveToOuterDisposeScope();
    }

    /// <summary>The weighted sum over the terms.</summary>
    public Tensor Weighted(Func<ViewTerm, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return Terms.Select(term => loss(term) * term.Weight).Aggregate((sum, next) => sum + next).MoveToOuterDisposeScope();
    }
}
