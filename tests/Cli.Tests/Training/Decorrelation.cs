using DataSsl.Runtime;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

[assembly: Objective<DataSsl.Cli.Tests.Training.DecorrelationOptions>]

namespace DataSsl.Cli.Tests.Training;

/// <summary>
/// An objective of somebody else's, in one file: views of an image agree, and what its channels say does not depend on another (after
/// Zbontar et al. 2021).
/// </summary>
/// <param name="Hidden">Hidden units of the head.</param>
/// <param name="Redundancy">What two channels that say the same count for.</param>
public sealed record DecorrelationOptions(int Hidden = 2048, double Redundancy = 0.5)
    : ObjectiveOptions(Id, hasTeacher: false), IDefined<DecorrelationOptions>
{
    public const string Id = "decorrelation";

    public static ObjectiveKind<DecorrelationOptions> Definition { get; } = new ObjectiveKind<DecorrelationOptions>(Id, _ => new())
    {
        Defaults = (o, run) => o with { Hidden = run.Heads(o.Hidden) },
        Optimizer = (_, run) => (new(OptimizerKind.Sgd, 1e-4), 0.05 * run.Linear, 0, run.Warmup(10)),
    }
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(
            new("redundancy", new Bounds<double>(0, 10), "What two channels that say the same count for.", "X"), o => o.Redundancy,
            (o, v) => o with { Redundancy = v });

    public override HeadShapes Heads() => new(new([Hidden], 16));

    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.SimClr(size);

    public override Objective Create(ObjectiveSite site) => new Decorrelation(this);
}

/// <summary>Its loss.</summary>
public sealed class Decorrelation(DecorrelationOptions options) : Objective
{
    public override ViewOutput Student(NetworkHeads heads, Tensor map) => new(heads.OfMap(map));

    public override Tensor Loss(PartOutputs part, RunPosition at) => part.Weighted(term =>
    {
        var (z, other) = (part.Students[term.Prediction]!.Z, part.Students[term.Target]!.Z);
        var centred = z - z.mean([0L]);
        var cross = centred.t().mm(centred) * z.shape[1] / z.shape[0];
        return 1 - (z * other).sum(1).mean() + (cross - cross.diag().diag()).square().mean() * options.Redundancy;
    });
}
