using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

[assembly: Objective<MoCoOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of MoCo v2 (Chen et al. 2020).</summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of the neck.</param>
/// <param name="QueueLength">Negatives; the batch must divide it.</param>
/// <param name="Temperature">tau of the logits.</param>
/// <param name="TeacherMomentum">m of the momentum encoder.</param>
public sealed record MoCoOptions(
    int Dimension = 128, int Hidden = 2048, int QueueLength = 65536, double Temperature = 0.2, double TeacherMomentum = 0.999)
    : ObjectiveOptions(Id, tellsByStatistics: true), IDefined<MoCoOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "moco-v2";

    /// <inheritdoc/>
    public static ObjectiveKind<MoCoOptions> Definition { get; } = new ObjectiveKind<MoCoOptions>(Id, _ => new())
    {
        Defaults = (o, run) =>
            o with
            {
                Hidden = run.Heads(o.Hidden),
                QueueLength = run.Queue(o.QueueLength),
                TeacherMomentum = run.Momentum(o.TeacherMomentum),
            },
        Optimizer = (_, run) => (new(OptimizerKind.Sgd, 1e-4, DecayVectors: true), run.Short(0.03), 0, 0),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.Queue, o => o.QueueLength, (o, v) => o with { QueueLength = v })
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v })
        .Takes(Knobs.TeacherMomentum, o => o.TeacherMomentum, (o, v) => o with { TeacherMomentum = v });

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(new([Hidden], Dimension));

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.MoCoV2(size);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => TeacherMomentum;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) => base.FirstProblem(batch) ?? KeyQueue.Problem(QueueLength, batch);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new MoCo(this, new(Dimension, QueueLength, site.Seed, site.Device));
}

/// <summary>MoCo v2: each query is told from the keys of other images, which a queue keeps (He et al. 2020, equation 1).</summary>
public sealed class MoCo(MoCoOptions options, KeyQueue queue) : Objective
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [("queue", queue)];

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map) => new(heads.OfMap(map));

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at) =>
        part.Compare((student, teacher) => InfoNce.Loss(student.Z, teacher.Z, queue.Keys, options.Temperature));

    /// <summary>The keys of this step join the queue after its losses, so that none is its own query's negative.</summary>
    public override void Remember(ViewOutput?[] targets, RunPosition at) => queue.EnqueueFirst(targets, target => target.Z);
}
