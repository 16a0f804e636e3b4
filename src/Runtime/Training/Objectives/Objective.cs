using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// One way of learning without labels, as a training step sees it: what the heads give for a view, what is compared with what, and what is
/// kept between steps.
/// </summary>
public abstract class Objective : IDisposable
{
    /// <summary>Begins a step.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>
    /// What the step's losses compare with, of what a foreign teacher says of this process's images: made once for all students.
    /// </summary>
    /// <param name="foreign">By view; null for those that no student sees, and everywhere where there is no such teacher.</param>
    public virtual IReadOnlyList<ForeignOutput?> Assigned(IReadOnlyList<ForeignOutput?> foreign) => foreign;

    /// <summary>What the loss needs of a student's view.</summary>
    /// <param name="heads">The student's.</param>
    /// <param name="map">The network's last output, [N, C, H, W] or tokens [N, 1 + T, C].</param>
    public abstract ViewOutput Student(NetworkHeads heads, Tensor map);

    /// <summary>What the loss needs of a teacher's view; takes no gradient.</summary>
    /// <inheritdoc cref="Student"/>
    public virtual ViewOutput Teacher(NetworkHeads heads, Tensor map) => new(heads.OfMap(map));

    /// <summary>The mean loss of one student over its part of the batch, a scalar in autograd.</summary>
    public abstract Tensor Loss(PartOutputs part, RunPosition at);

    /// <summary>
    /// Ends a step: takes into its memory what the teacher gave for the whole batch, or where there is none the first student.
    /// </summary>
    /// <param name="targets">By view; null for those that no term has as its target.</param>
    public virtual void Remember(ViewOutput?[] targets, RunPosition at)
    {
    }

    /// <summary>Takes a foreign teacher's embeddings of the whole batch into its memory, [N, D]: once a step, after all losses.</summary>
    public virtual void RememberForeign(Tensor z)
    {
    }

    /// <summary>
    /// What an image is said to be, over a fixed number of outputs: a target's distributions [N, K]; null where z itself is compared.
    /// </summary>
    public virtual Tensor? Distributions(ViewOutput target, RunPosition at) => null;

    /// <summary>The queues that are kept between steps.</summary>
    public virtual IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [];

    /// <summary>Whatever else is kept between steps.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> State => [];

    /// <summary>Frees what is kept between steps: <see cref="Queues"/> and <see cref="State"/>.</summary>
    public virtual void Dispose()
    {
        foreach (var (_, queue) in Queues) queue.Dispose();
        foreach (var (_, values) in State) values.Dispose();
    }
}

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

/// <summary>What a network with its heads gives for a view of N images.</summary>
/// <param name="Z">Unit vectors, [N, D].</param>
/// <param name="Scores">Of the prototypes, [N, K].</param>
/// <param name="Grid">A unit vector for each position, [N, T, D].</param>
/// <param name="Map">The network's own features at each position, [N, T, C].</param>
/// <param name="Pooled">A unit vector for the mean of the positions, [N, D].</param>
/// <param name="Foreign">A unit vector that is compared with a foreign teacher's embedding, [N, D], where z is something else.</param>
/// <param name="Places">A map whose relations are compared with a foreign teacher's, [N, C, H, W].</param>
public sealed record ViewOutput(
    Tensor Z, Tensor? Scores = null, Tensor? Grid = null, Tensor? Map = null, Tensor? Pooled = null, Tensor? Foreign = null,
    Tensor? Places = null)
{
    /// <summary>The same of every part.</summary>
    public ViewOutput Each(Func<Tensor, Tensor> change) =>
        new(
            change(Z), Changed(Scores, change), Changed(Grid, change), Changed(Map, change), Changed(Pooled, change),
            Changed(Foreign, change), Changed(Places, change));

    /// <summary>Some of the images.</summary>
    public ViewOutput Rows(long first, long count) => Each(part => part.narrow(0, first, count));

    /// <summary>Puts outputs together, part by part.</summary>
    public static ViewOutput Join(IReadOnlyList<ViewOutput> outputs, Func<List<Tensor>, Tensor> join)
    {
        return new(
            join(Of(o => o.Z)!), Joined(o => o.Scores), Joined(o => o.Grid), Joined(o => o.Map), Joined(o => o.Pooled),
            Joined(o => o.Foreign), Joined(o => o.Places));

        List<Tensor>? Of(Func<ViewOutput, Tensor?> part) => part(outputs[0]) is null ? null : [.. outputs.Select(o => part(o)!)];

        Tensor? Joined(Func<ViewOutput, Tensor?> part) => Of(part) is { } all ? join(all) : null;
    }

    private static Tensor? Changed(Tensor? part, Func<Tensor, Tensor> change) => part is null ? null : change(part);

    /// <summary>Hands the parts over to the outer dispose scope.</summary>
    public ViewOutput MoveToOuterDisposeScope() => Each(part => part.MoveToOuterDisposeScope());
}

/// <summary>What a foreign teacher says of N images, or of a view of them.</summary>
/// <param name="Z">Unit embeddings, [N, D].</param>
/// <param name="Map">Its last map, [N, C, H, W]; null where nothing looks at it.</param>
/// <param name="Assignments">Distributions over the image itself and the keys of a queue, [N, 1 + K]; null until an objective makes
/// them.</param>
public sealed record ForeignOutput(Tensor Z, Tensor? Map = null, Tensor? Assignments = null)
{
    /// <summary>Some of the images.</summary>
    public ForeignOutput Rows(long first, long count) =>
        new(Z.narrow(0, first, count), Map?.narrow(0, first, count), Assignments?.narrow(0, first, count));
}

/// <summary>What an objective is made for.</summary>
/// <param name="Heads">The student's.</param>
/// <param name="Views">The views of a step.</param>
/// <param name="Deal">What of a batch this process computes.</param>
/// <param name="Device">Where.</param>
/// <param name="Seed">Of whatever starts at random.</param>
public sealed record ObjectiveSite(NetworkHeads Heads, ViewPlan Views, BatchDeal Deal, Device Device, long Seed);
