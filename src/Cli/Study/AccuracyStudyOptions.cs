using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Study;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Cli.Study;

/// <summary>The options of <c>study</c> itself: scores against the accuracy of classifiers.</summary>
internal sealed class AccuracyStudyOptions : StudyVerbOptions
{
    private static readonly IReadOnlyList<EvaluationOptions> s_methods = EvaluationOptions.All;

    private readonly Option<string> train = new("--train")
    {
        Description = "Labelled images to learn from: one sub-folder a class, a list with classes (CSV: path,label) or CIFAR binary.",
        HelpName = "PATH",
    };
    private readonly Option<string?> test = new("--test")
    {
        Description = "Labelled images to test on, of the same classes. Default: a fifth of each class of --train, by --seed.",
        HelpName = "PATH",
    };
    private readonly Option<string> method = new("--method")
    {
        Description = $"How accuracy is measured, as by evaluate: {string.Join(", ", s_methods.Select(m => m.Name))}.",
        DefaultValueFactory = _ => "linear",
        HelpName = "NAME",
    };
    private readonly Option<string> labels = EvaluateVerbOptions.LabelsOption();
    private readonly Option<CalibrationDraw> calibration = EvaluateVerbOptions.CalibrationOption();

    public AccuracyStudyOptions() => Search.Tasks.Aliases.Add("--task");

    public override (string, string) Verb => (
        "study", "Score subnets of the space without labels, measure each with labels, and tell how well the one foretells the other.");

    public override IEnumerable<Option> All =>
    [
        Search.Checkpoint, Search.Data, train, test, Search.Out, Subnets, Search.CandidateList, Budgets, Search.Tasks, method, labels,
        .. s_methods.SelectMany(m => m.Own), Search.Score, Search.Teacher, Search.TeacherArchitecture, Search.TeacherSize, Search.Images,
        Search.CompareDomain, calibration, Search.Size, Search.Memory, Search.Resume, Search.Seed, Search.Device, Search.Threads, Json,
    ];

    public override StudyRequest Read(SpaceCatalogue spaces, ParseResult parsed)
    {
        var chosen = Chosen(parsed, parsed.GetValue(method)!);
        var search = Search.Read(parsed, budgets: "all");
        return Request(
            parsed, search,
            new AccuracyMeasure(
                search.Checkpoint, search.Data, parsed.Required(train), chosen.Read(parsed),
                Options.FindDevice(parsed.GetValue(Search.Device)!))
            {
                Test = parsed.GetValue(test),
                HowArguments = [.. Options.Given(parsed, chosen.Own)],
                Labels = EvaluateVerbOptions.Share(parsed.GetValue(labels)!),
                Calibration = parsed.GetValue(calibration),
                Seed = search.Seed,
            });
    }

    private static EvaluationOptions Chosen(ParseResult parsed, string name)
    {
        var chosen = s_methods.FirstOrDefault(m => m.Name == name)
            ?? throw new UserException($"--method {name}: give {string.Join(", ", s_methods.Select(m => m.Name))}");
        foreach (var other in s_methods.Where(m => m != chosen))
            if (other.Own.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } stray)
                throw new UserException($"{stray.Name} goes with --method {other.Name}");
        return chosen;
    }
}
