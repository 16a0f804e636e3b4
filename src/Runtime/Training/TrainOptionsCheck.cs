using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Runtime.Training;

/// <summary>What makes a run's configuration impossible, told before anything is read or allocated for it.</summary>
internal static class TrainOptionsCheck
{
    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for a sound configuration.</summary>
    public static string? FirstProblem(TrainOptions o)
    {
        var (m, optimizer) = (o.Method, o.Method.Optimizer);
        return
            o.Size < 1 ? $"size {o.Size}: give the side of the views in pixels, 1 or more"
            : o.Batch < 2 ? $"batch {o.Batch}: give 2 or more; BatchNorm needs more than one image"
            : Check.AtLeastOne("epochs", o.Epochs) ?? Check.Above("rate", o.Rate) ?? Check.NotNegative("final-rate", o.FinalRate)
            ?? (o.WarmupEpochs < 0 || o.WarmupEpochs >= o.Epochs ? FormattableString.Invariant($"warmup {o.WarmupEpochs}: give a number of epochs from 0 to below --epochs {o.Epochs}") : null)
            ?? (o.Compute is not ("float32" or "bfloat16") ? $"compute {o.Compute}: give float32 or bfloat16" : null)
            ?? m.Objective.FirstProblem(o.Batch)
            ?? Check.Share("momentum", optimizer.Momentum) ?? Check.NotNegative("weight-decay", optimizer.WeightDecay) ?? Check.NotNegative("clip", optimizer.Clip)
            ?? (optimizer.FinalWeightDecay is { } final ? Check.NotNegative("final-weight-decay", final) : null)
            ?? Named("optimizer", optimizer.Kind) ?? Named("rule", m.Rule)
            ?? (m.NormGroups < 1 || o.Batch % m.NormGroups != 0 || o.Batch / m.NormGroups < 2 ? $"norm-groups {m.NormGroups}: does not deal a batch of {o.Batch} into equal groups of 2 or more" : null);
    }

    private static string? Named<T>(string option, T value) where T : struct, Enum => Enum.IsDefined(value) ? null : $"{option} {value}: give {string.Join(" or ", Enum.GetNames<T>())}";
}
