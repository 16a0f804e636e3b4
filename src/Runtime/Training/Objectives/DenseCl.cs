using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<DenseClOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of DenseCL (Wang et al. 2021).</summary>
/// <param name="Dimension">Length of z, of the image and of a position.</param>
/// <param name="Hidden">Hidden units of both heads.</param>
/// <param name="QueueLength">Negatives of each of the two queues; the batch must divide it.</param>
/// <param name="Temperature">tau of the logits.</param>
/// <param name="DenseWeight">lambda: the share of the dense loss; the rest is MoCo's.</param>
/// <param name="TeacherMomentum">m of the momentum encoder.</param>
public sealed record DenseClOptions(
    int Dimension = 128, int Hidden = 2048, int QueueLength = 65536, double Temperature = 0.2, double DenseWeight = 0.5,
    double TeacherMomentum = 0.999)
        : ObjectiveOptions(Id, tellsByStatistics: true), IDefined<DenseClOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "densecl";

    /// <inheritdoc/>
    public static ObjectiveKind<DenseClOptions> Definition { get; } = new ObjectiveKind<DenseClOptions>(Id, _ => new())
    {
        Defaults = (o, run) =>
            o with
            {
                Hidden = run.Heads(o.Hidden),
                QueueLength = run.Queue(o.QueueLength),
                TeacherMomentum = run.Momentum(o.TeacherMomentum),
            },
        // The paper trains it as MoCo v2.
        Optimizer = (_, run) => MoCoOptions.Definition.Optimizer(new(), run),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.Queue, o => o.QueueLength, (o, v) => o with { QueueLength = v })
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v })
        .Takes(
            new("dense-weight", ObjectiveBounds.Share, "Share of the dense loss.", "X"), o => o.DenseWeight,
            (o, v) => o with { DenseWeight = v })
        .Takes(Knobs.TeacherMomentum, o => o.TeacherMomentum, (o, v) => o with { TeacherMomentum = v });

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(new([Hidden], Dimension), Dense: new([Hidden], Dimension));

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.MoCoV2(size);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => TeacherMomentum;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) => base.FirstProblem(batch) ?? KeyQueue.Problem(QueueLength, batch);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) =>
        new DenseCl(this, new(Dimension, QueueLength, site.Seed, site.Device), new(Dimension, QueueLength, site.Seed + 1, site.Device));
}

/// <summary>
/// DenseCL: MoCo's loss, and the same for each position of the last map with the teacher's position that matches it best (equations 2 to
/// 4).
/// </summary>
/// <remarks>
/// The match is by the networks' own features. A student narrower than the teacher has the leading channels of the same weights, of which
/// the teacher's are the average: its channel c means what the teacher's channel c means. So its map is matched with the leading channels
/// of the teacher's; no further forward pass is needed, and at the largest network the match is the published one.
/// </remarks>
public sealed class DenseCl(DenseClOptions options, KeyQueue queue, KeyQueue denseQueue) : Objective
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [("queue", queue), ("denseQueue", denseQueue)];

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var (features, grid) = Positions(heads, map);
        return new ViewOutput(heads.OfMap(map), Grid: functional.normalize(grid, dim: 2), Map: features.detach()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override ViewOutput Teacher(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var (features, grid) = Positions(heads, map);
        return new ViewOutput(
                heads.OfMap(map), Grid: functional.normalize(grid, dim: 2), Map: features,
                Pooled: functional.normalize(grid.mean([1L]), dim: 1))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at) => part.Compare((student, teacher) =>
    {
        var positives = teacher.Grid!.gather(1, Match(student.Map!, teacher.Map!).unsqueeze(2).expand(-1, -1, options.Dimension));
        var global = InfoNce.Loss(student.Z, teacher.Z, queue.Keys, options.Temperature);
        var dense = InfoNce.Loss(student.Grid!.flatten(0, 1), positives.flatten(0, 1), denseQueue.Keys, options.Temperature);
        return global * (1 - options.DenseWeight) + dense * options.DenseWeight;
    });

    /// <inheritdoc/>
    public override void Remember(ViewOutput?[] targets, RunPosition at)
    {
        queue.EnqueueFirst(targets, target => target.Z);
        denseQueue.EnqueueFirst(targets, target => target.Pooled!);
    }

    /// <summary>
    /// For each of a student's positions the teacher's with the largest cosine: [N, T, C] and [N, T', C' >= C] -> [N, T].
    /// </summary>
    internal static Tensor Match(Tensor student, Tensor teacher)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var leading = functional.normalize(teacher.narrow(2, 0, student.shape[2]), dim: 2);
        // The student's own lengths do not change which position is nearest.
        return student.bmm(leading.transpose(1, 2)).argmax(2).MoveToOuterDisposeScope();
    }

    /// <summary>Features of each position in 32 bits, [N, T, C], and what the dense head makes of them, [N, T, D].</summary>
    private static (Tensor Features, Tensor Grid) Positions(NetworkHeads heads, Tensor map)
    {
        var features = Tokens.Map(map).to(ScalarType.Float32).flatten(2).transpose(1, 2);
        return (features, heads.Dense!.forward(features));
    }
}
