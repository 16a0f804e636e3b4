using System.Globalization;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Verbs;
using DataSsl.Search.Report;

namespace DataSsl.Cli.Study;

/// <summary>A study as asked for.</summary>
/// <param name="Search">How the subnets are scored; its list is the study's own.</param>
/// <param name="List">A file that names the subnets; null to draw them.</param>
/// <param name="Subnets">How many to draw.</param>
/// <param name="Train">Labelled images to learn from.</param>
/// <param name="Test">Labelled images to test on; null to hold some out.</param>
/// <param name="Labels">Share of the training images whose labels are used.</param>
/// <param name="Calibration">Training images that BatchNorm's statistics are taken over.</param>
/// <param name="MethodArguments">The method's own options as they were given.</param>
internal sealed record StudyRequest(
    SearchRequest Search, string? List, int Subnets, string Train, string? Test, EvaluationMethod Method, double Labels, int Calibration, IReadOnlyList<string> MethodArguments)
{
    /// <summary>The command line that asks for the same study, defaults spelt out, for a shell.</summary>
    public string CommandLine(int size) => string.Join(' ',
    [
        "datassl study",
        "--checkpoint", ShellWord.Of(Search.Checkpoint),
        "--data", ShellWord.Of(Search.Data),
        "--train", ShellWord.Of(Train),
        .. Test is null ? (string[])[] : ["--test", ShellWord.Of(Test)],
        .. List is null ? ["--subnets", Subnets.ToString(CultureInfo.InvariantCulture)] : (string[])["--list", ShellWord.Of(List)],
        "--method", Method.Name, .. MethodArguments.Select(ShellWord.Of),
        "--tasks", ShellWord.Of(string.Join(',', Search.Tasks)),
        string.Create(CultureInfo.InvariantCulture, $"--labels {100 * Labels}% --calibration {Calibration} --images {Search.Images} --size {size} --seed {Search.Seed}"),
        "--out", ShellWord.Of(Search.Folder),
    ]);
}
