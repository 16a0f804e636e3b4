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

    /// <summary>An epoch after which the run is to be evaluated has ended. Returns the score by which the best checkpoint is kept; null for none.</summary>
    double? Evaluate(int epoch) => null;
}
