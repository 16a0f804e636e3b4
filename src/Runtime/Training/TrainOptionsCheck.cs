namespace DataSsl.Runtime.Training;

/// <summary>What makes a run's configuration impossible, told before anything is read or allocated for it.</summary>
internal static class TrainOptionsCheck
{
    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for a sound configuration.</summary>
    public static string? FirstProblem(TrainOptions o)
    {
        var m = o.MoCo;
        return
            o.Size < 1 ? $"size {o.Size}: give the side of the views in pixels, 1 or more"
            : o.Batch < 2 ? $"batch {o.Batch}: give 2 or more; BatchNorm needs more than one image"
            : o.Epochs < 1 ? $"epochs {o.Epochs}: give 1 or more"
            : !IsPositive(o.Rate) ? FormattableString.Invariant($"rate {o.Rate}: give a number above 0")
            : o.Compute is not ("float32" or "bfloat16") ? $"compute {o.Compute}: give float32 or bfloat16"
            : m.Dimension < 1 ? $"dimension {m.Dimension}: give 1 or more"
            : m.Hidden < 1 ? $"hidden {m.Hidden}: give 1 or more"
            : m.QueueLength < 1 || m.QueueLength % o.Batch != 0 ? $"queue {m.QueueLength}: give a multiple of the batch, such as {Math.Max(1, m.QueueLength / o.Batch) * o.Batch}"
            : !IsPositive(m.Temperature) ? FormattableString.Invariant($"temperature {m.Temperature}: give a number above 0")
            : m.TeacherMomentum is not (>= 0 and < 1) ? FormattableString.Invariant($"teacher-momentum {m.TeacherMomentum}: give a number from 0 to below 1")
            : m.Momentum is not (>= 0 and < 1) ? FormattableString.Invariant($"momentum {m.Momentum}: give a number from 0 to below 1")
            : m.WeightDecay is not (>= 0 and < double.PositiveInfinity) ? FormattableString.Invariant($"weight-decay {m.WeightDecay}: give 0 or a number above")
            : !Enum.IsDefined(m.Rule) ? $"rule {m.Rule}: give {string.Join(" or ", Enum.GetNames<SandwichRule>())}"
            : null;
    }

    private static bool IsPositive(double value) => value > 0 && double.IsFinite(value);
}
