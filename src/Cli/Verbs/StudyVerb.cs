using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Study;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl study</c>: how well scores without labels foretell accuracy with them.</summary>
internal static class StudyVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new SearchVerbOptions();
        var methods = EvaluationOptions.All;
        var task = search.Tasks;
        task.Aliases.Add("--task");
        var train = new Option<string>("--train")
        {
            Description = "Labelled images to learn from: one sub-folder a class, a list with classes (CSV: path,label) or CIFAR binary.",
            HelpName = "PATH",
        };
        var test = new Option<string?>("--test")
        {
            Description = "Labelled images to test on, of the same classes. Default: a fifth of each class of --train, by --seed.",
            HelpName = "PATH",
        };
        var subnets = NumberOption.Of(
            "--subnets", new Bounds<int>(SubnetStudy.Fewest, 1_000_000) { Reason = "fewer have no correlation" }, 20,
            "How many subnets to draw, uniformly from the space; those of a smaller study with the same seed come first.");
        var method = new Option<string>("--method")
        {
            Description = $"How accuracy is measured, as by evaluate: {string.Join(", ", methods.Select(m => m.Name))}.",
            DefaultValueFactory = _ => "linear",
            HelpName = "NAME",
        };
        var budgets = new Option<string?>("--budgets")
        {
            Description = "Budgets, comma-separated, within which the subnet of the highest score is set against the others: MACs groups "
                + "(3-4G), limits (<=4G), parameters (params<=25M), activations (memory<=8M), several joined by and, names that the space "
                + "file gives, or all. Default: all, and those of the space file.",
            HelpName = "LIST",
        };
        var (labels, calibration, json) = (EvaluateVerbOptions.LabelsOption(), EvaluateVerbOptions.CalibrationOption(), Options.Json());
        var command = new Command(
            "study", "Score subnets of the space without labels, measure each with labels, and tell how well the one foretells the other.");
        Option[] asking =
        [
            search.Checkpoint, search.Data, train, test, search.Out, subnets, search.CandidateList, budgets, task, method, labels,
        ];
        foreach (var option in asking.Concat(methods.SelectMany(m => m.Own))) command.Add(option);
        foreach (var option in
            new Option[]
            {
                search.Images,
                calibration,
                search.Size,
                search.Memory,
                search.Resume,
                search.Seed,
                search.Device,
                search.Threads,
                json,
            })
            command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, search.Threads);
            var chosen = Chosen(parsed, methods, parsed.GetValue(method)!);
            if (parsed.GetValue(search.CandidateList) is not null && parsed.GetResult(subnets) is { Implicit: false })
                throw new UserException("--subnets draws and --list names the subnets: give one of the two");
            var request = new StudyRequest(
                search.Read(parsed, budgets: "all"), parsed.GetValue(search.CandidateList),
                parsed.GetValue(subnets),
                parsed.Required(train), parsed.GetValue(test), chosen.Read(parsed), EvaluateVerbOptions.Share(parsed.GetValue(labels)!),
                parsed.GetValue(calibration),
                [.. NextCommand.Given(parsed, chosen.Own)],
                parsed.GetValue(budgets) is { } text ? SearchVerbOptions.List(budgets, text, word => word) : null);
            using var interrupt = new Interrupt();
            try
            {
                var (result, facts) = new SubnetStudy(spaces, request, Options.FindDevice(parsed.GetValue(search.Device)!))
                    .Run(interrupt.Token);
                if (parsed.GetValue(json)) Output.Json(facts);
                else StudyTable.Print(result, chosen.Name, request.Search.Folder);
                return 0;
            }
            catch (OperationCanceledException) when (interrupt.ExitCode != 0)
            {
                Output.Progress(
                    $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of("study", [.. request.Words(request.Search.Size), "--resume", .. NextCommand.Given(parsed, search.Memory, search.Device, search.Threads)])}");
                return interrupt.ExitCode;
            }
        });
        return command;
    }

    private static EvaluationOptions Chosen(ParseResult parsed, IReadOnlyList<EvaluationOptions> methods, string name)
    {
        var chosen = methods.FirstOrDefault(m => m.Name == name)
            ?? throw new UserException($"--method {name}: give {string.Join(", ", methods.Select(m => m.Name))}");
        foreach (var other in methods.Where(m => m != chosen))
            if (other.Own.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } stray)
                throw new UserException($"{stray.Name} goes with --method {other.Name}");
        return chosen;
    }
}
