using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<ReSslOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of ReSSL (Zheng et al. 2021).</summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of the projection head.</param>
/// <param name="QueueLength">Keys that similarities are taken to; the batch must divide it.</param>
/// <param name="Temperature">tau of the student's similarities.</param>
/// <param name="TeacherTemperature">tau of the teacher's: lower, so that its relations are sharper.</param>
/// <param name="TeacherMomentum">m of the momentum encoder.</param>
public sealed record ReSslOptions(
    int Dimension = 512, int Hidden = 4096, int QueueLength = 131072, double Temperature = 0.1, double TeacherTemperature = 0.04,
    double TeacherMomentum = 0.999)
        : ObjectiveOptions(Id, tellsByStatistics: true), IDefined<ReSslOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "ressl";

    /// <inheritdoc/>
    public static ObjectiveKind<ReSslOptions> Definition { get; } = new ObjectiveKind<ReSslOptions>(Id, _ => new())
    {
        Defaults = (o, run) => o with { Hidden = run.Heads(o.Hidden), QueueLength = run.Queue(o.QueueLength) },
        Optimizer = (_, run) => (new(OptimizerKind.Sgd, 1e-4), run.Short(0.05), 0, run.Warmup(5)),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.Queue, o => o.QueueLength, (o, v) => o with { QueueLength = v })
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v })
        .Takes(Knobs.TeacherTemperature, o => o.TeacherTemperature, (o, v) => o with { TeacherTemperature = v })
        .Takes(Knobs.TeacherMomentum, o => o.TeacherMomentum, (o, v) => o with { TeacherMomentum = v });

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(new([Hidden], Dimension));

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.ReSsl(size);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => TeacherMomentum;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) => base.FirstProblem(batch) ?? KeyQueue.Problem(QueueLength, batch);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new ReSsl(this, new(Dimension, QueueLength, site.Seed, site.Device));
}

/// <summary>
/// ReSSL: an image's similarities to the queue's keys shall be those that the teacher finds in a weakly changed view (equations 4 to 6).
/// The image's own key is not among them.
/// </summary>
public sealed class ReSsl(ReSslOptions options, KeyQueue queue) : Objective
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues => [("queue", queue)];

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map) => new(heads.OfMap(map));

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at) => part.Compare((student, teacher) =>
    {
        var target = functional.softmax(teacher.Z.mm(queue.Keys) / options.TeacherTemperature, 1);
        return SoftCrossEntropy.Of(target, student.Z.mm(queue.Keys) / options.Temperature);
    });

    /// <inheritdoc/>
    public override void Remember(ViewOutput?[] targets, RunPosition at) => queue.EnqueueFirst(targets, target => target.Z);
}
