using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<ByolOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// Settings of BYOL (Grill et al. 2020). Its views go through the networks one after the other, each with batch statistics of its own.
/// </summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of projector and predictor.</param>
/// <param name="TeacherMomentum">tau of the target network at the start; it grows to 1 along a cosine.</param>
public sealed record ByolOptions(int Dimension = 256, int Hidden = 4096, double TeacherMomentum = 0.996)
    : ObjectiveOptions(Id, joinsViews: false), IDefined<ByolOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "byol";

    /// <inheritdoc/>
    public static ObjectiveKind<ByolOptions> Definition { get; } = new ObjectiveKind<ByolOptions>(Id, _ => new())
    {
        Defaults = (o, run) =>
            o with
            {
                Hidden = run.Heads(o.Hidden),
                TeacherMomentum = run.Epochs <= 40 ? 0.97 : run.Epochs <= 300 ? 0.99 : o.TeacherMomentum,
            },
        Optimizer = (_, run) =>
            (new(OptimizerKind.Lars, run.Epochs > 300 ? 1.5e-6 : 1e-6), run.Short(run.Epochs <= 100 ? 0.45 : run.Epochs <= 300 ? 0.3 : 0.2),
                0, run.Warmup(10)),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.TeacherMomentum, o => o.TeacherMomentum, (o, v) => o with { TeacherMomentum = v });

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(Shape, Predictor: Shape);

    private MlpShape Shape => new([Hidden], Dimension, HiddenNorm: true);

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.Byol(size);

    /// <inheritdoc/>
    public override double TeacherMomentumAt(RunPosition at) => at.Cosine(TeacherMomentum, 1);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new Byol();
}

/// <summary>BYOL: the student predicts the teacher's z of the other view; there are no negatives (section 3.1, equation 2).</summary>
public sealed class Byol : Objective
{
    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map)
    {
        using var scope = NewDisposeScope();
        var predicted = heads.Predictor!.forward(heads.Projector.forward(Tokens.Pool(map)));
        return new ViewOutput(functional.normalize(predicted, dim: 1)).MoveToOuterDisposeScope();
    }

    /// <summary>2 - 2 cos, twice: with weights that sum to 1 it is the published sum of both directions.</summary>
    public override Tensor Loss(PartOutputs part, RunPosition at) =>
        part.Compare((student, teacher) => 4 - (student.Z * teacher.Z).sum(1).mean() * 4);
}
