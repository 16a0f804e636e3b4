namespace DataSsl.Runtime.Training;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">The present epoch, from 1.</param>
/// <param name="Losses">Mean loss of each student since the last report: Max first.</param>
/// <param name="Rate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Since the last report.</param>
/// <param name="Remaining">Expected time to the end at this speed.</param>
public sealed record TrainProgress(long Step, long Steps, int Epoch, int Epochs, double[] Losses, double Rate, double ImagesPerSecond, TimeSpan Remaining)
{
    /// <summary>Mean over the students.</summary>
    public double Loss => Losses.Average();
}
