using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Training;

/// <summary>How a run is shown while it goes on.</summary>
internal interface ITrainDisplay
{
    void Show(TrainProgress progress);

    /// <summary>One line that stays.</summary>
    void Line(string text);
}
