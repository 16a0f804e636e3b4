using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;

namespace DataSsl.Runtime.Training;

/// <summary>What makes a run's configuration impossible, told before anything is read or allocated for it.</summary>
internal static class TrainOptionsCheck
{
    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for a sound configuration.</summary>
    public static string? FirstProblem(TrainOptions o)
    {
        var (m, optimizer) = (o.Method, o.Method.Optimizer);
        return TrainBounds.Side.Problem("size", o.Size) ?? TrainBounds.Batch.Problem("batch", o.Batch) ?? TrainBounds.Epochs.Problem("epochs", o.Epochs)
            ?? TrainBounds.Rate.Problem("rate", o.Rate) ?? TrainBounds.FinalRate.Problem("final-rate", o.FinalRate) ?? TrainBounds.Warmup.Problem("warmup", o.WarmupEpochs)
            ?? (o.WarmupEpochs >= o.Epochs ? FormattableString.Invariant($"warmup {o.WarmupEpochs}: give a number of epochs from 0 to below --epochs {o.Epochs}") : null)
            ?? (o.Compute is not ("float32" or "bfloat16") ? $"compute {o.Compute}: give float32 or bfloat16" : null)
            ?? m.Objective.FirstProblem(o.Batch) ?? TeacherProblem(m.Objective, o.Teacher)
            ?? ObjectiveBounds.Momentum.Problem("momentum", optimizer.Momentum) ?? TrainBounds.WeightDecay.Problem("weight-decay", optimizer.WeightDecay)
            ?? TrainBounds.Clip.Problem("clip", optimizer.Clip)
            ?? (optimizer.FinalWeightDecay is { } final ? TrainBounds.WeightDecay.Problem("final-weight-decay", final) : null)
            ?? Named("optimizer", optimizer.Kind) ?? Named("rule", m.Rule) ?? ObjectiveBounds.Share.Problem("max-first", m.MaxFirst)
            ?? (m.NormGroups < 1 || o.Batch % m.NormGroups != 0 || o.Batch / m.NormGroups < 2 ? $"norm-groups {m.NormGroups}: does not deal a batch of {o.Batch} into equal groups of 2 or more" : null);
    }

    private static string? TeacherProblem(ObjectiveOptions objective, TeacherOrigin? teacher) => (objective, teacher) switch
    {
        (DistillOptions, null) => "objective distill: learns from a network that is there already; give it with --teacher",
        (DistillOptions o, { } t) when o.Dimension != t.Dimension => $"dimension {o.Dimension}: the teacher's embeddings have {t.Dimension}",
        (DistillOptions { SpatialWeight: > 0 }, { Views: TeacherViews.Clean }) => "spatial-weight goes with --teacher-views same: a view's positions are not those of the whole image",
        // A space's name and an architecture's text.
        (DistillOptions, { OfRun: true } or { Architecture: not null }) when teacher.Architecture?.Split(' ', 2) is not [{ Length: > 0 }, { Length: > 0 }] => $"teacher: '{teacher.Architecture}' names no architecture of a space",
        (DistillOptions, { } t) => TrainBounds.Side.Problem("teacher-size", t.Size) ?? Named("teacher-views", t.Views),
        (_, not null) => $"teacher: {objective.Name} has no use for one",
        _ => null,
    };

    private static string? Named<T>(string option, T value) where T : struct, Enum => Enum.IsDefined(value) ? null : $"{option} {value}: give {string.Join(" or ", Enum.GetNames<T>())}";
}
