using System.CommandLine;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Study;
using DataSsl.Runtime;

namespace DataSsl.Cli.Study;

/// <summary>The options of <c>study</c> and of its sub-verbs, and how they become a request.</summary>
internal abstract class StudyVerbOptions
{
    public readonly SearchVerbOptions Search = new();
    public readonly Option<int> Subnets = NumberOption.Of(
        "--subnets", new Bounds<int>(StudyJob.Fewest, 1_000_000) { Reason = "fewer have no correlation" }, StudyRequest.DefaultSubnets,
        "How many subnets to draw, uniformly from the space; those of a smaller study with the same seed come first.");
    public readonly Option<string?> Budgets = new("--budgets")
    {
        Description = "Budgets, comma-separated, within which the subnet of the highest score is set against the others: MACs groups "
            + "(3-4G), limits (<=4G), parameters (params<=25M), activations (memory<=8M), several joined by and, names that the space "
            + "file gives, or all. Default: all, and those of the space file.",
        HelpName = "LIST",
    };
    public readonly Option<bool> Json = Options.Json();

    protected StudyVerbOptions() =>
        Search.CompareDomain.Description = "Other images: score the subnets on them too, and tell how well those scores foretell the same "
            + "(DATA, Table 10).";

    /// <summary>The verb's name, and what it does.</summary>
    public abstract (string Name, string Description) Verb { get; }

    /// <summary>All of them, in the order of the help.</summary>
    public abstract IEnumerable<Option> All { get; }

    /// <summary>Those of <c>study</c> itself, and of each dense task.</summary>
    public static StudyVerbOptions Accuracy => new AccuracyStudyOptions();

    public static IEnumerable<StudyVerbOptions> Dense => Enum.GetValues<DenseTask>().Select(task => new DenseStudyOptions(task));

    public abstract StudyRequest Read(SpaceCatalogue spaces, ParseResult parsed);

    protected StudyRequest Request(ParseResult parsed, SearchRequest search, StudyMeasure measure) =>
        parsed.GetValue(Search.CandidateList) is not null && parsed.IsGiven(Subnets)
            ? throw new UserException("--subnets draws and --list names the subnets: give one of the two")
            : new(search, measure)
            {
                List = parsed.GetValue(Search.CandidateList),
                Subnets = parsed.GetValue(Subnets),
                Budgets = parsed.GetValue(Budgets) is { } text ? SearchVerbOptions.List(Budgets, text, word => word) : null,
            };
}
