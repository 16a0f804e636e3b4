using DataSsl.Jobs.Evaluation;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Cli.Survey;

/// <summary>A survey as asked for; how its networks are trained is the command line's to say (<see cref="SurveyTraining"/>).</summary>
/// <param name="Networks">The file that lists them.</param>
/// <param name="Scenarios">The file that lists those.</param>
/// <param name="Supernet">Whose slices the networks are; null where each is trained alone.</param>
/// <param name="Sample">How many of the slices are trained alone too; null for none.</param>
/// <param name="Methods">How they are measured, the one that decides first.</param>
/// <param name="Labels">Share of the labels where a scenario gives none.</param>
/// <param name="Calibration">Training images that BatchNorm's statistics are taken over.</param>
/// <param name="Size">Side of the images in pixels; null for each network's own.</param>
/// <param name="KeepRuns">Whether the runs stay.</param>
/// <param name="Words">Of the same command after the verb.</param>
internal sealed record SurveyRequest(
    string Networks, string Scenarios, string? Supernet, int? Sample, IReadOnlyList<EvaluationMethod> Methods, double Labels,
    CalibrationDraw Calibration, int? Size, string Folder, bool Resume, bool KeepRuns, long Seed, IReadOnlyList<string> Words)
{
    /// <summary>Networks that a rank correlation needs.</summary>
    public const int FewestSampled = 3;
}
