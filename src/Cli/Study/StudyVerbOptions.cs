using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Runtime;

namespace DataSsl.Cli.Study;

/// <summary>The options of <c>study</c>, and how they become a request.</summary>
internal sealed class StudyVerbOptions
{
    private static readonly IReadOnlyList<EvaluationOptions> s_methods = EvaluationOptions.All;

    public readonly SearchVerbOptions Search = new();
    public readonly Option<string> Train = new("--train")
    {
        Description = "Labelled images to learn from: one sub-folder a class, a list with classes (CSV: path,label) or CIFAR binary.",
        HelpName = "PATH",
    };
    public readonly Option<string?> Test = new("--test")
    {
        Description = "Labelled images to test on, of the same classes. Default: a fifth of each class of --train, by --seed.",
        HelpName = "PATH",
    };
    public readonly Option<int> Subnets = NumberOption.Of(
        "--subnets", new Bounds<int>(SubnetStudy.Fewest, 1_000_000) { Reason = "fewer have no correlation" }, 20,
        "How many subnets to draw, uniformly from the space; those of a smaller study with the same seed come first.");
    public readonly Option<string> Method = new("--method")
    {
        Description = $"How accuracy is measured, as by evaluate: {string.Join(", ", s_methods.Select(m => m.Name))}.",
        DefaultValueFactory = _ => "linear",
        HelpName = "NAME",
    };
    public readonly Option<string?> Budgets = new("--budgets")
    {
        Description = "Budgets, comma-separated, within which the subnet of the highest score is set against the others: MACs groups "
            + "(3-4G), limits (<=4G), parameters (params<=25M), activations (memory<=8M), several joined by and, names that the space "
            + "file gives, or all. Default: all, and those of the space file.",
        HelpName = "LIST",
    };
    public readonly Option<string> Labels = EvaluateVerbOptions.LabelsOption();
    public readonly Option<int> Calibration = EvaluateVerbOptions.CalibrationOption();
    public readonly Option<bool> Json = Options.Json();

    public StudyVerbOptions() => Search.Tasks.Aliases.Add("--task");

    public IEnumerable<Option> All =>
    [
        Search.Checkpoint, Search.Data, Train, Test, Search.Out, Subnets, Search.CandidateList, Budgets, Search.Tasks, Method, Labels,
        .. s_methods.SelectMany(m => m.Own), Search.Images, Calibration, Search.Size, Search.Memory, Search.Resume, Search.Seed,
        Search.Device, Search.Threads, Json,
    ];

    public StudyRequest Read(ParseResult parsed)
    {
        var chosen = Chosen(parsed, parsed.GetValue(Method)!);
        if (parsed.GetValue(Search.CandidateList) is not null && parsed.GetResult(Subnets) is { Implicit: false })
            throw new UserException("--subnets draws and --list names the subnets: give one of the two");
        return new(
            Search.Read(parsed, budgets: "all"), parsed.GetValue(Search.CandidateList), parsed.GetValue(Subnets), parsed.Required(Train),
            parsed.GetValue(Test), chosen.Read(parsed), EvaluateVerbOptions.Share(parsed.GetValue(Labels)!), parsed.GetValue(Calibration),
            [.. NextCommand.Given(parsed, chosen.Own)],
            parsed.GetValue(Budgets) is { } text ? SearchVerbOptions.List(Budgets, text, word => word) : null);
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
