using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Verdict;

/// <summary>A verdict as asked for.</summary>
/// <param name="Winner">A run's folder or checkpoint, an emitted class, or a folder with one.</param>
/// <param name="Architecture">Which subnet of a supernet it is; null for what the run or its search says.</param>
/// <param name="Weights">The weights off the shelf.</param>
/// <param name="WeightsSpace">The space that they are read in; null for the usual one.</param>
/// <param name="WeightsSize">Side of the images that they get; null for the winner's.</param>
/// <param name="Handcrafted">RUN or RUN:ARCH of the handcrafted network; null for none.</param>
/// <param name="Data">Labelled images to learn from.</param>
/// <param name="Test">Labelled images to test on; null to hold some out.</param>
/// <param name="Shares">Of the labels, for fine-tuning, ascending; the others take the largest.</param>
/// <param name="Seeds">Trainings of each figure.</param>
/// <param name="By">The column that decides; null for the last.</param>
/// <param name="Size">Side of the images in pixels; null for the winner's own.</param>
/// <param name="MethodArguments">The methods' own options as they were given.</param>
internal sealed record VerdictRequest(
    string Winner, string? Architecture, string Weights, string? WeightsSpace, int? WeightsSize, string? Handcrafted, string Data,
    string? Test, IReadOnlyList<EvaluationMethod> Methods,
    IReadOnlyList<double> Shares, int Seeds, string? By, CalibrationDraw Calibration, int? Size, string Folder, bool Resume, long Seed,
    IReadOnlyList<string> MethodArguments)
{
    /// <summary>The words of the same command after the verb, defaults spelt out.</summary>
    public IEnumerable<string> Words() =>
    [
        "--winner", Winner,.. Given("--arch", Architecture), "--weights", Weights,.. Given("--weights-space", WeightsSpace),
        .. Given("--weights-size", WeightsSize),.. Given("--handcrafted", Handcrafted),
        "--data", Data,.. Given("--test", Test), "--methods", string.Join(',', Methods.Select(m => m.Name)),.. MethodArguments, "--shares",
        string.Join(',', Shares.Select(VerdictText.Share)),
        "--seeds", Wording.Number(Seeds),.. Given("--by", By), "--calibration", Calibration.ToString(),.. Given("--size", Size),
        "--seed", Wording.Number(Seed), "--out", Folder,
    ];

    private static string[] Given(string option, object? value) =>
        value is null ? [] : [option, value is int number ? Wording.Number(number) : (string)value];
}
