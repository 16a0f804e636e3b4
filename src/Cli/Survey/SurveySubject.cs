using DataSsl.Jobs.Evaluation;

namespace DataSsl.Cli.Survey;

/// <summary>A network that is measured.</summary>
/// <param name="IsSlice">Whether its weights are a supernet's; otherwise it is trained alone.</param>
/// <param name="Size">Side in pixels of the images that it learnt from.</param>
internal sealed record SurveySubject(SurveyNetwork Network, bool IsSlice, int Size)
{
    /// <summary>What a figure of it is of.</summary>
    public SurveyCell Cell(SurveyScenario scenario, EvaluationMethod method) =>
        new(Network.Key, IsSlice, scenario.Name, method.ToString());
}
