using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<DinoOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of DINO (Caron et al. 2021).</summary>
/// <param name="Dimension">The bottleneck before the last layer: length of z.</param>
/// <param name="Hidden">Hidden units of the two layers before it.</param>
/// <param name="Prototypes">Outputs of the last layer, which is weight-normed.</param>
/// <param name="HiddenNorm">Whether the hidden layers have BatchNorm: for convolutional networks, not for transformers.</param>
/// <param name="Temperature">tau of the student.</param>
/// <param name="WarmTeacherTemperature">tau of the teacher at the start.</param>
/// <param name="TeacherTemperature">tau of the teacher after the warm-up.</param>
/// <param name="WarmEpochs">Epochs of that warm-up.</param>
/// <param name="CentreMomentum">How much of the centre stays in a step. At 1 there is no centring, and training collapses.</param>
/// <param name="FreezeEpochs">Epochs at the beginning that leave the last layer alone.</param>
/// <param name="TeacherMomentum">m of the momentum encoder at the start; it grows to 1 along a cosine.</param>
/// <param name="LearnsGain">Whether the last layer's weight vectors have lengths that are learnt, as for small transformers; otherwise
/// 1.</param>
public sealed record DinoOptions(
    int Dimension = 256, int Hidden = 2048, int Prototypes = 65536, bool HiddenNorm = true, double Temperature = 0.1,
    double WarmTeacherTemperature = 0.04, double TeacherTemperature = 0.04,
    int WarmEpochs = 0, double CentreMomentum = 0.9, int FreezeEpochs = 1, double TeacherMomentum = 0.996, bool LearnsGain = false)
        : ObjectiveOptions(Id), IDefined<DinoOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "dino";

    /// <inheritdoc/>
    public static ObjectiveKind<DinoOptions> Definition { get; } = new ObjectiveKind<DinoOptions>(Id, _ => new())
    {
        Defaults = (o, run) =>
            o with { Hidden = run.Heads(o.Hidden), Prototypes = run.Prototypes(o.Prototypes), HiddenNorm = !run.IsTransformer },
        Optimizer = (_, run) => run.IsTransformer
            ? (new(OptimizerKind.AdamW, 0.04, FinalWeightDecay: 0.4, Clip: 3), 5e-4 * run.Linear, Math.Min(1e-6, 5e-4 * run.Linear),
                run.Warmup(10))
            : (new(OptimizerKind.Sgd, 1e-4), run.Short(0.03), Math.Min(1e-6, 0.03 * run.Linear), run.Warmup(10)),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(
            new(
                "head-norm", ObjectiveBounds.Switch,
                "1 for BatchNorm in the head's hidden layers, 0 for none. Default: 1, on transformers 0.", "0|1"),
            o => o.HiddenNorm ? 1 : 0, (o, v) => o with { HiddenNorm = v == 1 })
        .Takes(Knobs.Prototypes, o => o.Prototypes, (o, v) => o with { Prototypes = v })
        .Takes(
            new(
                "learn-gain", ObjectiveBounds.Switch,
                "1 to learn the length of each weight vector of the last layer, as published for small transformers; 0 for 1 of all.",
                "0|1"),
            o => o.LearnsGain ? 1 : 0, (o, v) => o with { LearnsGain = v == 1 })
        .Takes(Knobs.Freeze, o => o.FreezeEpochs, (o, v) => o with { FreezeEpochs = v })
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v })
        .Takes(Knobs.TeacherTemperature, o => o.TeacherTemperature, (o, v) => o with { TeacherTemperature = v })
        .Takes(
            new(
                "teacher-warmup", ObjectiveBounds.FirstEpochs, "Epochs in which the teacher's tau goes from 0.04 to --teacher-temperature.",
                "EPOCHS"),
            o => o.WarmEpochs, (o, v) => o with { WarmEpochs = v })
        .Takes(
            new("centre-momentum", ObjectiveBounds.Share, "How much of the centre stays in a step; 1 for no centring.", "X"),
            o => o.CentreMomentum, (o, v) => o with { CentreMomentum = v })
        .Takes(Knobs.TeacherMomentum, o => o.TeacherMomentum, (o, v) => o with { TeacherMomentum = v });

    /// <inheritdoc/>
    public override HeadShapes Heads() =>
        new(new([Hidden, Hidden], Dimension, HiddenNorm, Gelu: true), Prototypes: Prototypes, HasGain: LearnsGain);

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.Dino(size, multiple);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => at.Cosine(TeacherMomentum, 1);

    /// <summary>tau of the teacher in a step.</summary>
    public double TeacherTemperatureAt(RunPosition at) => at.Ramp(WarmTeacherTemperature, TeacherTemperature, WarmEpochs);

    /// <inheritdoc/>
    public override long FrozenSteps(int stepsPerEpoch) => (long)FreezeEpochs * stepsPerEpoch;

    /// <inheritdoc/>
    public override string? FirstProblem(int batch) =>
        base.FirstProblem(batch) ?? ObjectiveBounds.Temperature.Problem("warm-teacher-temperature", WarmTeacherTemperature);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new Dino(this, site.Device);
}

/// <summary>
/// DINO: the student's distribution over outputs shall be the teacher's of another view, which is centred and sharpened (section 3.1,
/// equation 3).
/// </summary>
public sealed class Dino(DinoOptions options, Device device) : Objective
{
    /// <summary>The centre: a moving mean of the teacher's outputs, [K].</summary>
    public Tensor Centre { get; } = zeros(options.Prototypes, ScalarType.Float32, device).DetachFromDisposeScope();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("centre", Centre)];

    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var z = heads.OfMap(map);
        return new ViewOutput(z, Scores: heads.Prototypes!.OfDirections(z)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override ViewOutput Teacher(NetworkHeads heads, Tensor map) => Student(heads, map);

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at) =>
        part.Compare((student, teacher) => SoftCrossEntropy.Of(Distributions(teacher, at), student.Scores! / options.Temperature));

    /// <summary>The teacher's outputs, centred and sharpened.</summary>
    public override Tensor Distributions(ViewOutput target, RunPosition at)
    {
        using var scope = NewDisposeScope();
        return functional.softmax((target.Scores! - Centre) / options.TeacherTemperatureAt(at), 1).MoveToOuterDisposeScope();
    }

    /// <summary>The centre moves after the losses of a step (equation 4).</summary>
    public override void Remember(ViewOutput?[] targets, RunPosition at)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var mean = cat([.. targets.Where(target => target is not null).Select(target => target!.Scores!)], 0).mean([0L]);
        Centre.mul_(options.CentreMomentum).add_(mean, alpha: 1 - options.CentreMomentum);
    }
}
