using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>The options of <c>survey</c>, and the request that they make.</summary>
internal sealed class SurveyVerbOptions
{
    private readonly Option<string> networks = new("--networks")
    {
        Description = "A text file with one network a line: SPACE ARCH, or NAME: SPACE ARCH; # begins a comment.",
        HelpName = "LIST",
    };
    private readonly Option<string> scenarios = new("--scenarios")
    {
        Description = "A text file with one scenario a line: a name, labelled images to learn from, perhaps others to test on (paths are "
            + "relative to the file), and settings: labels=10%, size=64, classes=A,B,..., cut=boxes.",
        HelpName = "LIST",
    };
    private readonly Option<string?> supernet = new("--from-supernet")
    {
        Description = "Measure the networks as slices of this trained supernet, a run's folder or checkpoint; nothing is trained. Default: "
            + "each network is trained alone.",
        HelpName = "RUN",
    };
    private readonly Option<int?> sample = NumberOption.Maybe(
        "--sample", new Bounds<int>(SurveyRequest.FewestSampled, 1_000_000) { Reason = "fewer have no correlation" },
        "With --from-supernet: networks of the list, drawn by --seed, to train alone too, for how well slices foretell them. Default: none.");
    private readonly IReadOnlyList<EvaluationOptions> methods = EvaluationOptions.Prefixed;
    private readonly Option<string> chosen;
    private readonly Option<string> labels = EvaluateVerbOptions.LabelsOption();
    private readonly Option<CalibrationDraw> calibration = EvaluateVerbOptions.CalibrationOption();
    public readonly Option<bool> KeepRuns = new("--keep-runs")
    {
        Description = "Keep each network's run with its last checkpoint. Default: its weights alone.",
    };

    public SurveyVerbOptions()
    {
        chosen = new Option<string>("--methods")
        {
            Description = "How networks are measured, comma-separated, as by evaluate; the first decides: "
                + $"{string.Join(", ", methods.Select(m => m.Name))}.",
            DefaultValueFactory = _ => "linear",
            HelpName = "LIST",
        };
        Train.Size.Description = "Side in pixels of the images that networks learn from and, where a scenario gives none, are measured on. "
            + "Default: the space's, or the supernet's training's.";
    }

    /// <summary>How a network is trained.</summary>
    public TrainVerbOptions Train { get; } = new();

    public Option<string> Out { get; } = new("--out")
    {
        Description = "Folder for survey.json, survey.html, the networks' weights and what was measured; made if missing.",
        HelpName = "FOLDER",
    };

    public Option<bool> Resume { get; } = new("--resume")
    {
        Description = "Go on with the survey that was begun in the folder of --out, also with more networks, scenarios or methods.",
    };

    /// <summary>What decides the figures, in the order of the help.</summary>
    public IEnumerable<Option> Deciding =>
        [networks, scenarios, supernet, sample, chosen, .. methods.SelectMany(m => m.Own), labels, calibration, .. Train.OfMany];

    /// <summary>All of <c>survey</c>.</summary>
    public IEnumerable<Option> All => [.. Deciding, Out, Resume, KeepRuns, Train.SaveEvery, Train.Device, Train.Threads, Train.Json];

    /// <summary>How networks are trained; null where none is.</summary>
    public SurveyTraining? Training(ParseResult parsed, Device device) => Trains(parsed) ? new(Train, parsed, device) : null;

    private bool Trains(ParseResult parsed) => parsed.GetValue(supernet) is null || parsed.IsGiven(sample);

    /// <param name="folder">Where the results go.</param>
    public SurveyRequest Read(ParseResult parsed, string folder, bool resume = false)
    {
        if (parsed.IsGiven(sample) && !parsed.IsGiven(supernet))
            throw new UserException("--sample goes with --from-supernet: without it every network is trained alone");
        // Size and seed are measured with too.
        if (!Trains(parsed) && Train.OfMany.Except([Train.Size, Train.Seed]).FirstOrDefault(parsed.IsGiven) is { } idle)
            throw new UserException($"{idle.Name} is of a training, and slices of a supernet are not trained; leave it out, or give --sample too");
        var measured = EvaluationOptions.Chosen(parsed, SearchVerbOptions.List(chosen, parsed.GetValue(chosen)!, word => word), methods);
        return new(
            parsed.Required(networks), parsed.Required(scenarios), parsed.GetValue(supernet), parsed.GetValue(sample),
            [.. measured.Select(m => m.Read(parsed))], EvaluateVerbOptions.Share(parsed.GetValue(labels)!),
            parsed.GetValue(calibration), parsed.GetValue(Train.Size), folder, resume, parsed.GetValue(KeepRuns),
            parsed.GetValue(Train.Seed),
            [.. Options.Given(parsed, Deciding.Append(Out).Append(KeepRuns))]);
    }
}
