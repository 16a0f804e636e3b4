using DataSsl.Runtime.Training.Architectures;

namespace DataSsl.Runtime.Training;

/// <summary>When a run reports, saves and is evaluated: nothing that its weights depend on.</summary>
/// <param name="ReportEvery">Between reports; zero reports every step.</param>
/// <param name="SaveEvery">Between checkpoints; zero saves every step.</param>
/// <param name="EvaluateEvery">Epochs between evaluations; 0 for none.</param>
public sealed record RunSchedule(TimeSpan ReportEvery, TimeSpan SaveEvery, int EvaluateEvery = 0);

/// <summary>Who follows a run.</summary>
public interface ITrainObserver
{
    /// <summary>The run has gone on for <see cref="RunSchedule.ReportEvery"/>, or has come to its end.</summary>
    void Report(TrainProgress progress);

    /// <summary>Something that the user should know, in one line.</summary>
    void Notice(string line);

    /// <summary>
    /// An epoch after which the run is to be evaluated has ended. Returns the score by which the best checkpoint is kept; null for none.
    /// </summary>
    double? Evaluate(int epoch) => null;
}

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">The present epoch, from 1.</param>
/// <param name="Losses">Mean loss since the last report of a step's first student, its second, and so on.</param>
/// <param name="MaxLoss">That of Max, or of the one network that trains; null where no step had it.</param>
/// <param name="GroupLosses">Mean loss of the subnets drawn since the last report in each of <see cref="SizeGroups.Names"/>; null where
/// none was drawn.</param>
/// <param name="Spread">How far the newest features spread, see <see cref="Pretraining.Spread"/>: 1 is best, 0 is collapse; null at
/// first.</param>
/// <param name="Information">What the newest outputs tell of their images, see <see cref="Pretraining.Information"/>: 0 is collapse; null
/// where the objective has none.</param>
/// <param name="Rate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Since the last report.</param>
/// <param name="DataShare">Share of the time that steps waited for their views.</param>
/// <param name="ResidentBytes">Memory of the process.</param>
/// <param name="Remaining">Expected time to the end at this speed.</param>
public sealed record TrainProgress(
    long Step, long Steps, int Epoch, int Epochs, double[] Losses, double? MaxLoss, double?[] GroupLosses, double? Spread,
    double? Information, double Rate, double ImagesPerSecond, double DataShare, long ResidentBytes, TimeSpan Remaining)
{
    /// <summary>Where the choices of the architecture stand; null where it is not learnt.</summary>
    public ArchitectureProgress? Architecture { get; init; }

    /// <summary>Mean over the students.</summary>
    public double Loss => Losses.Average();
}
