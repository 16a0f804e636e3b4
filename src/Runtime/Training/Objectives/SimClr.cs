using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

[assembly: Objective<SimClrOptions>]

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of SimCLR (Chen et al. 2020).</summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of the projection head.</param>
/// <param name="Temperature">tau of the logits.</param>
public sealed record SimClrOptions(int Dimension = 128, int Hidden = 2048, double Temperature = 0.1)
    : ObjectiveOptions(Id, hasTeacher: false), IDefined<SimClrOptions>
{
    /// <summary>See <see cref="ObjectiveKind.Name"/>.</summary>
    public const string Id = "simclr";

    /// <inheritdoc/>
    public static ObjectiveKind<SimClrOptions> Definition { get; } = new ObjectiveKind<SimClrOptions>(Id, _ => new())
    {
        Defaults = (o, run) => o with { Hidden = run.Heads(o.Hidden) },
        Optimizer = (_, run) => (new(OptimizerKind.Lars, 1e-4), 0.075 * Math.Sqrt(run.Batch), 0, run.Warmup(10)),
    }
        .Takes(Knobs.Dimension, o => o.Dimension, (o, v) => o with { Dimension = v })
        .Takes(Knobs.Hidden, o => o.Hidden, (o, v) => o with { Hidden = v }, ObjectiveBounds.Hidden)
        .Takes(Knobs.Temperature, o => o.Temperature, (o, v) => o with { Temperature = v });

    /// <inheritdoc/>
    public override bool IsOverBatch => true;

    /// <inheritdoc/>
    public override HeadShapes Heads() => new(new([Hidden], Dimension, HiddenNorm: true, OutputNorm: true));

    /// <inheritdoc/>
    public override ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple) => ViewPlan.SimClr(size);

    /// <inheritdoc/>
    public override Objective Create(ObjectiveSite site) => new SimClr(this, site.Deal);
}

/// <summary>
/// SimCLR: each image's view is told from all other images' views of the batch by its own other view, in both directions (NT-Xent, equation
/// 1).
/// </summary>
/// <remarks>
/// Negatives are the images whose BatchNorm statistics are shared: the whole batch in one group, as published. Each student is compared
/// with itself, for the loss takes gradients through both views.
/// </remarks>
public sealed class SimClr(SimClrOptions options, BatchDeal deal) : Objective
{
    /// <inheritdoc/>
    public override ViewOutput Student(NetworkHeads heads, Tensor map) => new(heads.OfMap(map));

    /// <inheritdoc/>
    public override Tensor Loss(PartOutputs part, RunPosition at)
    {
        using var scope = NewDisposeScope();
        var whole = part.Students.Select(view => view is null ? null : deal.WithOthers(view.Z)).ToArray();
        var loss = part.Weighted(term => NtXent.Loss(whole[term.Prediction]!, whole[term.Target]!, options.Temperature));
        return deal.OfWhole(loss).MoveToOuterDisposeScope();
    }
}

/// <summary>SimCLR's loss in one direction.</summary>
public static class NtXent
{
    /// <summary>The mean cross-entropy of telling each anchor's positive from all other vectors of both views, its own left out.</summary>
    /// <param name="anchors">Unit vectors [N, D].</param>
    /// <param name="positives">Of the other view of the same images: [N, D].</param>
    /// <param name="temperature">tau.</param>
    public static Tensor Loss(Tensor anchors, Tensor positives, double temperature)
    {
        using var scope = NewDisposeScope();
        var count = anchors.shape[0];
        var own = eye(count, device: anchors.device, dtype: ScalarType.Bool);
        var others = anchors.mm(anchors.t()).div(temperature).masked_fill(own, double.NegativeInfinity);
        var logits = cat([anchors.mm(positives.t()) / temperature, others], 1);
        return functional.cross_entropy(logits, arange(count, ScalarType.Int64, anchors.device)).MoveToOuterDisposeScope();
    }
}
