using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<DistillOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>How a student's embedding is compared with a foreign teacher's.</summary>
public enum TeacherLoss
{
    /// <summary>Cross-entropy of their similarities to a queue of the teacher's embeddings (SEED, Fang et al. 2021).</summary>
    Seed,

    /// <summary>1 less the cosine.</summary>
    Cosine,
}

/// <summary>Settings of learning under a foreign teacher, alone or beside another objective.</summary>
/// <param name="Dimension">Length of the teacher's embedding, which the student's head gives too.</param>
/// <param name="Hidden">Hidden units of the student's head; 0 for a head of one matrix.</param>
/// <param name="QueueLength">The teacher's embeddings that similarities are taken to; the batch must divide it. Without effect with
/// <see cref="TeacherLoss.Cosine"/>.</param>
/// <param name="Temperature">tau of the student's similarities.</param>
/// <param name="TeacherTemperature">tau of the teacher's.</param>
/// <param name="Loss">How embeddings are compared.</param>
/// <param name="SpatialWeight">What the relations of positions count for; 0 leaves them out.</param>
/// <param name="Beside">The objective of our own teacher; null for none.</param>
/// <param name="Weight">The foreign teacher's share of the loss; the rest is <paramref name="Beside"/>'s.</param>
public sealed record DistillOptions(
    int Dimension, int Hidden = 2048, int QueueLength = 65536, double Temperature = 0.2, double TeacherTemperature = 0.01,
    TeacherLoss Loss = TeacherLoss.Seed, double SpatialWeight = 0,
    ObjectiveOptions? Beside = null, double Weight = 1)
    : ObjectiveOptions(
        Beside is null ? Id : $"{Id} and {Beside.Name}", Beside?.HasTeacher ?? false, Beside?.JoinsViews ?? true,
        Beside?.TellsByStatistics ?? false),
    IDefined<DistillOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "distill";

    /// <summary>
    /// Learning under a foreign teacher: a queue of at most one entry an image, and a softer teacher than SEED's. Its 0.01 is of
    /// contrastive embeddings; less their mean, those of ImageNet's ResNet18 teach more at 0.05. Short runs take up to 16 times SEED's
    /// rate: from 10 to 40 times they gave the same. Both rest on validation images of one set, 370 steps.
    /// </summary>
    public static ObjectiveKind<DistillOptions> Definition { get; } = new ObjectiveKind<DistillOptions>(
        Id, run =>
            new(
                run.Teacher
                    ?? throw new UserException($"--objective {Id}: learns from a network that is there already; give it with --teacher")))
    {
        Defaults = (o, run) =>
            o with
            {
                TeacherTemperature = 0.05,
                Hidden = run.Heads(o.Hidden),
                QueueLength = Math.Max(1, Math.Min(o.QueueLength, run.Images) / run.Batch) * run.Batch,
            },
        Optimizer = (o, run) => o.Beside is { } own ? own.Kind.OptimizerFor(own, run)
            : run.IsTransformer ? (new(OptimizerKind.AdamW, 0.05, Clip: 3), 5e-4 * run.Linear, Math.Min(1e-6, 5e-4 * run.Linear),
                run.Warmup(10))
            : (new(OptimizerKind.Sgd, 1e-4), 0.03 * run.Shortness * run.Shortness * run.Linear, 0, 0),
    }
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v })
        .Takes(Knobs.Queue, o => o.QueueLength, (o, v) => o with { QueueLength = v }, when: o => o.Loss == TeacherLoss.Seed)
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v }, when: o => o.Loss == TeacherLoss.Seed)
        .Takes(
            Knobs.TeacherTemperature, o => o.TeacherTemperature, (o, v) => o with { TeacherTemperature = v },
            when: o => o.Loss == TeacherLoss.Seed);

    /// <inheritdoc/>
    public override IReadOnlyList<(Knob Knob, IFormattable Value)> Values() => Beside?.Values() ?? base.Values();

    /// <inheritdoc/>
    public override bool IsOverBatch => Beside?.IsOverBatch ?? false;

    /// <inheritdoc/>
    public override bool HasForeignTeacher => true;

    /// <inheritdoc/>
    public override HeadShapes Heads() => Beside is null ? new(Shape) : Beside.Heads() with { Foreign = Shape };

    private MlpShape Shape => new(Hidden > 0 ? [Hidden] : [], Dimension);

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) =>
        Beside?.Plan(size, multiple) ?? ViewPlan.CropFlip(size);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => Beside?.TeacherMomentumAt(at) ?? base.TeacherMomentumAt(at);

    /// <inheritdoc/>
    public override long FrozenSteps(int stepsPerEpoch) => Beside?.FrozenSteps(stepsPerEpoch) ?? 0;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) =>
        ObjectiveBounds.Dimension.Problem("dimension", Dimension) ?? base.FirstProblem(batch)
            ?? (Loss == TeacherLoss.Seed ? KeyQueue.Problem(QueueLength, batch) : null)
        ?? ObjectiveBounds.SpatialWeight.Problem("spatial-weight", SpatialWeight)
            ?? (Enum.IsDefined(Loss) ? null : $"teacher-loss {Loss}: give seed or cosine")
        ?? (Beside is null
            ? Weight == 1
                ? null
                : FormattableString.Invariant(
                    $"teacher-weight {Weight}: the teacher is all that is learnt from; give --objective for what has the rest")
            : ObjectiveBounds.TeacherWeight.Problem("teacher-weight", Weight)
                ?? (Beside is DistillOptions ? "objective distill: cannot stand beside itself; give another" : Beside.FirstProblem(batch)));

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) =>
        new Distill(
            this, Loss == TeacherLoss.Seed ? new(Dimension, QueueLength, site.Seed + SeedOffset, site.Device) : null, Beside?.Create(site));

    /// <summary>Away from the seeds that the other objective takes.</summary>
    private const int SeedOffset = 100;
}

/// <summary>
/// Every student follows what a frozen network says of the same images; its head brings each width to that network's dimension.
/// </summary>
/// <remarks>
/// The similarities are to the newest embeddings of the teacher's, the image's own before them all. Where the queue is as long as the set,
/// an image's own embedding is in it too, from an epoch ago: it then has the same logits twice in both distributions, which changes no
/// gradient.
/// </remarks>
public sealed class Distill(DistillOptions options, KeyQueue? queue, Objective? beside) : Objective
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues =>
        [.. beside?.Queues ?? [], .. queue is null ? Array.Empty<(string, KeyQueue)>() : [("teacherQueue", queue)]];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => beside?.State ?? [];

    /// <inheritdoc/>
    public override void Begin() => beside?.Begin();

    /// <inheritdoc/>
    public override IReadOnlyList<ForeignOutput?> Assigned(IReadOnlyList<ForeignOutput?> foreign)
    {
        if (queue is null) return foreign;
        using var grad = no_grad();
        // Of one embedding for all views there is one assignment too.
        var made = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        return
        [
            .. foreign.Select(
                output =>
                    output is null
                        ? null
                        : output with
                        {
                            Assignments = made.TryGetValue(output.Z, out var known) ? known : made[output.Z] = Assign(output.Z),
                        }),
        ];

        Tensor Assign(Tensor z)
        {
            using var scope = NewDisposeScope();
            return Logits(z, z, options.TeacherTemperature).softmax(1).MoveToOuterDisposeScope();
        }
    }

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var own = beside?.Student(heads, map) ?? new(heads.OfMap(map));
        var foreign = heads.Foreign is { } head ? functional.normalize(head.forward(Tokens.Pool(map)), dim: 1) : null;
        return (own with { Foreign = foreign, Places = options.SpatialWeight > 0 ? Tokens.Map(map).to(ScalarType.Float32) : null })
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override ViewOutput Teacher(NetworkHeads heads, Tensor map) => beside?.Teacher(heads, map) ?? base.Teacher(heads, map);

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at)
    {
        using var scope = NewDisposeScope();
        // What a view is compared with is what the teacher says of it, whichever views the plan pairs.
        var foreign = part.Weighted(term => Of(part.Students[term.Prediction]!, part.Foreign[term.Prediction]!));
        return (beside is null ? foreign : foreign * options.Weight + beside.Loss(part, at) * (1 - options.Weight))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Remember(ViewOutput?[] targets, RunPosition at) => beside?.Remember(targets, at);

    /// <inheritdoc/>
    public override void RememberForeign(Tensor z) => queue?.Enqueue(z);

    /// <inheritdoc/>
    public override Tensor? Distributions(ViewOutput target, RunPosition at) => beside?.Distributions(target, at);

    /// <inheritdoc/>
    public override void Dispose()
    {
        queue?.Dispose();
        beside?.Dispose();
    }

    private Tensor Of(ViewOutput student, ForeignOutput teacher)
    {
        // Without another objective z itself is what follows the teacher.
        var z = student.Foreign ?? student.Z;
        var loss = queue is null
            ? 1 - (z * teacher.Z).sum(1).mean()
            : SoftCrossEntropy.Of(teacher.Assignments!, Logits(z, teacher.Z, options.Temperature));
        return options.SpatialWeight > 0 ? loss + PositionRelations.Loss(student.Places!, teacher.Map!) * options.SpatialWeight : loss;
    }

    /// <summary>Similarities to the image's own embedding and to the queue's, by a temperature: [N, D] and [N, D] -> [N, 1 + K].</summary>
    private Tensor Logits(Tensor z, Tensor own, double temperature) =>
        cat([(z * own).sum(1, keepdim: true), z.mm(queue!.Keys)], 1).div_(temperature);
}

/// <summary>
/// How alike two maps relate the positions of an image, whatever their channels and sides: DATA's equations 4 and 5 as a loss.
/// </summary>
public static class PositionRelations
{
    /// <summary>tau of the rows' softmax, that of the released code; the paper names none.</summary>
    public const double Temperature = 0.2;

    /// <summary>
    /// The mean cross-entropy of the rows of the two matrices of cosines between positions, softmax at <see cref="Temperature"/>, the
    /// teacher's as target. Both maps are averaged to the smaller of their heights and widths first.
    /// </summary>
    /// <param name="student">[N, C, H, W]; takes the gradient.</param>
    /// <param name="teacher">[N, C', H', W'].</param>
    public static Tensor Loss(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (Math.Min(student.shape[2], teacher.shape[2]), Math.Min(student.shape[3], teacher.shape[3]));
        var target = Relations(teacher).softmax(2).flatten(0, 1);
        return SoftCrossEntropy.Of(target, Relations(student).flatten(0, 1)).MoveToOuterDisposeScope();

        Tensor Relations(Tensor map)
        {
            var positions = functional.normalize(functional.adaptive_avg_pool2d(map, [height, width]).flatten(2), dim: 1);
            return positions.transpose(1, 2).bmm(positions) / Temperature;
        }
    }
}
