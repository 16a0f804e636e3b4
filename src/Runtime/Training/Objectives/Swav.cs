using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<SwavOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of SwAV (Caron et al. 2020).</summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of the projection head.</param>
/// <param name="Prototypes">Unit vectors that images are assigned to.</param>
/// <param name="Temperature">tau of the predictions.</param>
/// <param name="Epsilon">How soft the assignments are.</param>
/// <param name="Iterations">Of Sinkhorn's scaling.</param>
/// <param name="FreezeEpochs">Epochs at the beginning that leave the prototypes alone.</param>
/// <param name="QueueLength">Earlier images that are assigned together with the batch, for batches smaller than the prototypes are many; 0
/// for none. The batch must divide it.</param>
/// <param name="QueueStartEpoch">The epoch, from 0, that begins to fill the queue; it is used when it is full.</param>
public sealed record SwavOptions(
    int Dimension = 128, int Hidden = 2048, int Prototypes = 3000, double Temperature = 0.1, double Epsilon = 0.05, int Iterations = 3,
    int FreezeEpochs = 1, int QueueLength = 0,
    int QueueStartEpoch = 15) : ObjectiveOptions(Id, hasTeacher: false), IDefined<SwavOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "swav";

    /// <inheritdoc/>
    public static ObjectiveKind<SwavOptions> Definition { get; } = new ObjectiveKind<SwavOptions>(Id, _ => new())
    {
        Defaults = (o, run) =>
            o with
            {
                Hidden = run.Heads(o.Hidden),
                Prototypes = run.Prototypes(o.Prototypes),
                QueueLength = run.Batch <= 256 ? 15 * run.Batch : o.QueueLength,
            },
        Optimizer = (_, run) =>
        {
            var (isSmall, rate) = (run.Batch <= 256, (run.Batch <= 256 ? 0.6 : 0.3) * run.Linear);
            return (new(OptimizerKind.Lars, 1e-6), rate, rate / 1000, run.Warmup(isSmall ? 0 : 10));
        },
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.Prototypes, o => o.Prototypes, (o, v) => o with { Prototypes = v })
        .Takes(Knobs.Freeze, o => o.FreezeEpochs, (o, v) => o with { FreezeEpochs = v })
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v })
        .Takes(Knobs.Queue, o => o.QueueLength, (o, v) => o with { QueueLength = v })
        .Takes(
            new("queue-start", ObjectiveBounds.FirstEpochs, "The epoch that begins to fill the queue.", "EPOCH"), o => o.QueueStartEpoch,
            (o, v) => o with { QueueStartEpoch = v });

    /// <summary>Assignments are balanced over all of it, and the published run synchronises BatchNorm.</summary>
    public override bool IsOverBatch => true;

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(new([Hidden], Dimension, HiddenNorm: true), Prototypes: Prototypes);

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.MultiCrop(size, multiple);

    /// <inheritdoc/>
    public override long FrozenSteps(int stepsPerEpoch) => (long)FreezeEpochs * stepsPerEpoch;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) =>
        base.FirstProblem(batch) ?? ObjectiveBounds.Temperature.Problem("epsilon", Epsilon)
            ?? ObjectiveBounds.Iterations.Problem("iterations", Iterations)
        ?? (QueueLength == 0 ? null : KeyQueue.Problem(QueueLength, batch));

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new Swav(this, site);
}

/// <summary>
/// SwAV: from one view of an image its assignment to prototypes in another is predicted (equations 1 to 4); assignments are balanced over
/// the batch by <see cref="Sinkhorn"/>.
/// </summary>
/// <remarks>
/// Each student of a supernet is compared with its own assignments. The queues hold z of the largest one, and every student scores them
/// anew with the shared prototypes.
/// </remarks>
public sealed class Swav : Objective
{
    private readonly SwavOptions options;
    private readonly Prototypes prototypes;
    private readonly BatchDeal deal;
    private readonly SortedDictionary<int, KeyQueue> queues = [];

    internal Swav(SwavOptions options, ObjectiveSite site)
    {
        (this.options, prototypes, deal) = (options, site.Heads.Prototypes!, site.Deal);
        if (options.QueueLength == 0) return;
        foreach (var view in site.Views.Terms.Select(term => term.Target).Distinct())
            queues.Add(view, new(options.Dimension, options.QueueLength, site.Seed + view, site.Device));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [.. queues.Select(entry => ($"queue{entry.Key}", entry.Value))];

    /// <inheritdoc/>
    public override void Begin() => prototypes.Normalize();

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var z = heads.OfMap(map);
        return new ViewOutput(z, Scores: heads.Prototypes!.Of(z)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at)
    {
        using var scope = NewDisposeScope();
        var assignments = part.Terms.Select(term => term.Target).Distinct()
            .ToDictionary(view => view, view => Assign(view, part.Students[view]!, at));
        return part.Weighted(
                term => SoftCrossEntropy.Of(assignments[term.Target], part.Students[term.Prediction]!.Scores! / options.Temperature))
            .MoveToOuterDisposeScope();
    }

    /// <summary>The predictions: assignments are balanced whatever the network gives.</summary>
    public override Tensor Distributions(ViewOutput target, RunPosition at)
    {
        using var scope = NewDisposeScope();
        return functional.softmax(prototypes.Of(target.Z) / options.Temperature, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Remember(ViewOutput?[] targets, RunPosition at)
    {
        if (at.Epoch < options.QueueStartEpoch) return;
        foreach (var (view, queue) in queues) queue.Enqueue(targets[view]!.Z);
    }

    /// <summary>The assignments of a view's images; gradients do not go through them.</summary>
    private Tensor Assign(int view, ViewOutput output, RunPosition at)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var scores = deal.WithOthers(output.Scores!.detach());
        var all = queues.TryGetValue(view, out var queue) && IsFull(at, output.Z.shape[0])
            ? cat([prototypes.Of(queue.Keys.t()), scores], 0)
            : scores;
        var assigned = Sinkhorn.Assign(all, options.Epsilon, options.Iterations);
        return deal.OwnRows(assigned.narrow(0, all.shape[0] - scores.shape[0], scores.shape[0])).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the steps since the queues began have filled them.</summary>
    private bool IsFull(RunPosition at, long images) =>
        (at.Step - (long)options.QueueStartEpoch * at.StepsPerEpoch) * images * deal.PartsOfAll >= options.QueueLength;
}

/// <summary>Assigns images to prototypes so that all prototypes get equally many (Caron et al. 2020, section 3.1).</summary>
public static class Sinkhorn
{
    /// <summary>Scores [B, K] -> assignments [B, K]; each row sums to 1, and at convergence each column to B / K.</summary>
    /// <param name="scores">Of each image for each prototype.</param>
    /// <param name="epsilon">How soft the assignments are.</param>
    /// <param name="iterations">Of scaling columns and rows in turn.</param>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (images, prototypes) = (scores.shape[0], scores.shape[1]);
        // The largest exponent is 0: a common factor goes with the first scaling, and nothing overflows.
        var q = ((scores - scores.max()) / epsilon).exp_();
        q.div_(q.sum());
        for (var i = 0; i < iterations; i++)
        {
            q.div_(q.sum(0, keepdim: true).mul_(prototypes));
            q.div_(q.sum(1, keepdim: true).mul_(images));
        }
        return q.mul_(images).MoveToOuterDisposeScope();
    }
}
