using System.Globalization;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;

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
/// <param name="Budgets">Within which subnets are set against each other; null for all of them and the space's own.</param>
internal sealed record StudyRequest(
    SearchRequest Search, string? List, int Subnets, string Train, string? Test, EvaluationMethod Method, double Labels, int Calibration,
    IReadOnlyList<string> MethodArguments,
    IReadOnlyList<string>? Budgets)
{
    /// <summary>The command that asks for the same study, defaults spelt out, for a shell.</summary>
    public string CommandLine(int? size) => NextCommand.Of("study", Words(size));

    /// <summary>Its words after the verb.</summary>
    public IEnumerable<string> Words(int? size) =>
    [
        "--checkpoint", Search.Checkpoint, "--data", Search.Data, "--train", Train, .. Test is null ? (string[])[] : ["--test", Test],
        .. List is null ? ["--subnets", Output.Number(Subnets)] : (string[])["--list", List],
        .. Budgets is null ? (string[])[] : ["--budgets", string.Join(',', Budgets)],
        "--method", Method.Name,.. MethodArguments, "--tasks", string.Join(',', Search.Tasks), "--labels",
        $"{Output.Number(100 * Labels)}%", "--calibration", Output.Number(Calibration),
        "--images", Output.Number(Search.Images), .. size is { } side
            ? (string[])["--size", Output.Number(side)]
            : [], "--seed", Output.Number(Search.Seed), "--out", Search.Folder,
    ];
}
