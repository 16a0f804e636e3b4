using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>One way of learning without labels, as a training step sees it: what the heads give for a view, what is compared with what, and what is kept between steps.</summary>
public abstract class Objective : IDisposable
{
    /// <summary>Begins a step.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>What the step's losses compare with, of what a foreign teacher says of this process's images: made once for all students.</summary>
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

    /// <summary>Ends a step: takes into its memory what the teacher gave for the whole batch, or where there is none the first student.</summary>
    /// <param name="targets">By view; null for those that no term has as its target.</param>
    public virtual void Remember(ViewOutput?[] targets, RunPosition at)
    {
    }

    /// <summary>Takes a foreign teacher's embeddings of the whole batch into its memory, [N, D]: once a step, after all losses.</summary>
    public virtual void RememberForeign(Tensor z)
    {
    }

    /// <summary>What an image is said to be, over a fixed number of outputs: a target's distributions [N, K]; null where z itself is compared.</summary>
    public virtual Tensor? Distributions(ViewOutput target, RunPosition at) => null;

    /// <summary>The queues that are kept between steps.</summary>
    public virtual IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [];

    /// <summary>Whatever else is kept between steps.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> State => [];

    public virtual void Dispose()
    {
        foreach (var (_, queue) in Queues) queue.Dispose();
        foreach (var (_, values) in State) values.Dispose();
    }
}
