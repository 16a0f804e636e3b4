using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Report;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl search</c>: rank subnets by their distance to the largest one on the user's images.</summary>
internal static class SearchVerb
{
    public const string ResultFile = "search.json";
    public const string ReportFile = "report.html";

    /// <summary>Of the program that writes a result.</summary>
    public static string Version { get; } = typeof(SearchVerb).Assembly.GetName().Version!.ToString(3);

    public static Command Create(SpaceCatalogue spaces)
    {
        var checkpoint = CheckpointOption();
        var data = Options.Data();
        var @out = Options.Out();
        var tasks = new Option<string>("--tasks")
        {
            Description = $"Tasks to rank for, comma-separated: {string.Join(", ", SearchTask.All.Select(t => t.Name))}.",
            DefaultValueFactory = _ => "classification",
            HelpName = "LIST",
        };
        var budgets = new Option<string>("--budgets") { Description = "Budgets, comma-separated: MACs groups (3-4G, 10-20M), limits (<=4G), parameters (params<=25M), or names that the space file gives.", HelpName = "LIST" };
        var candidates = new Option<string>("--candidates") { Description = "all, or how many to draw from each budget (the paper draws 100).", DefaultValueFactory = _ => "all", HelpName = "N" };
        var images = ImagesOption();
        var size = Options.Size("the training's");
        var (seed, device, threads, json) = (Options.Seed(), Options.Device(), Options.Threads(), Options.Json());
        var command = new Command("search", "Rank the subnets within budgets, for tasks, by their distance to the largest network on your images.")
        {
            checkpoint, data, @out, tasks, budgets, candidates, images, size, seed, device, threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var request = new SearchRequest(
                Checkpoint: CheckpointPath(parsed.Required(checkpoint)),
                Data: parsed.Required(data),
                Folder: parsed.Required(@out),
                Tasks: List(tasks, parsed.GetValue(tasks)!, SearchTask.Parse),
                Budgets: List(budgets, parsed.Required(budgets), text => text),
                PerBudget: PerBudget(parsed.GetValue(candidates)!),
                Images: Options.Positive("--images", parsed.GetValue(images)),
                Size: parsed.GetValue(size),
                Seed: parsed.GetValue(seed));
            var result = Run(spaces, request, Options.FindDevice(parsed.GetValue(device)!));
            if (parsed.GetValue(json)) Output.Json((JsonObject)JsonNode.Parse(SearchResultJson.Serialize(result))!);
            else Print(result, request);
            return 0;
        });
        return command;
    }

    public static Option<string> CheckpointOption() => new("--checkpoint") { Description = "A run's checkpoint file, or its folder.", HelpName = "FILE" };

    public static Option<int> ImagesOption() => new("--images") { Description = "Images that statistics and scores are taken over.", DefaultValueFactory = _ => 256, HelpName = "N" };

    public static string CheckpointPath(string path) => Directory.Exists(path) ? Path.Combine(path, CheckpointFolder.NewestFile) : path;

    /// <summary>Searches, and writes the result and its report into the request's folder.</summary>
    public static SearchResult Run(SpaceCatalogue spaces, SearchRequest request, Device device)
    {
        var (options, step) = Checkpoint.Describe(request.Checkpoint);
        if (options.Method.Architecture is { } only)
            throw new UserException($"{request.Checkpoint}: a run of one network ({only}) has no subnets to search; train without --arch for that, or measure it with 'datassl evaluate'");
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        var candidates = CandidateSet.Collect(space, [.. request.Budgets.Select(text => Budget.Of(space, text)).Distinct()], size, request.PerBudget, request.Seed);
        var folder = ImageSource.Open(request.Data);
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        // Only now: what was asked for in vain leaves no folder behind.
        Output.Folder(request.Folder);
        var (images, count) = Images.Batch(folder, request.Images, size, request.Seed, device);
        Output.Progress($"{candidates.All.Count:N0} candidates of {space.Name}, {count:N0} images of {size} px");
        var progress = new ProgressLine(candidates.All.Count, "candidates");
        var provenance = new Dictionary<string, string>
        {
            ["checkpoint"] = request.Checkpoint,
            ["checkpoint hash"] = Checkpoint.Hash(request.Checkpoint),
            ["training steps"] = step.ToString(CultureInfo.InvariantCulture),
            ["training data"] = $"{options.Data} ({options.DataFingerprint[..16]})",
            ["search data"] = request.Data,
            ["search data fingerprint"] = folder.Fingerprint[..16],
            ["images"] = count.ToString(CultureInfo.InvariantCulture),
            ["seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
            ["datassl"] = Version,
            [HtmlReport.CommandKey] = request.CommandLine(size),
        };
        var result = Searcher.Run(networks, images, candidates, request.Tasks, provenance, progress.Report);
        images.Dispose();
        Write(result, request.Folder);
        return result;
    }

    /// <summary>Writes search.json and report.html.</summary>
    public static void Write(SearchResult result, string folder)
    {
        SearchResultJson.Write(result, Path.Combine(folder, ResultFile));
        AtomicFile.WriteText(Path.Combine(folder, ReportFile), HtmlReport.Render(result));
    }

    public static void PrintWinners(SearchResult result)
    {
        Output.Line($"{"task",-16}{"budget",-12}{"of",7}{"MMACs",10}{"M params",10}{"score",10}  architecture");
        foreach (var w in result.Winners)
            Output.Line($"{w.Task,-16}{w.Budget,-12}{w.Members,7:N0}{w.Candidate.Macs / 1e6,10:0.0}{w.Candidate.Parameters / 1e6,10:0.00}{w.Candidate.Scores[w.Task],10:0.0000}  {w.Candidate.Architecture}");
    }

    private static void Print(SearchResult result, SearchRequest request)
    {
        PrintWinners(result);
        Output.Line($"report: {Path.Combine(request.Folder, ReportFile)}");
        Output.Line($"next:   datassl emit --search {Path.Combine(request.Folder, ResultFile)} --out {Path.Combine(request.Folder, "winners")}");
    }

    private static List<T> List<T>(Option option, string text, Func<string, T> parse)
    {
        var list = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(parse).Distinct().ToList();
        return list.Count > 0 ? list : throw new UserException($"{option.Name} names none: {option.Description}");
    }

    private static int? PerBudget(string text) =>
        text == "all" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n
        : throw new UserException($"--candidates {text}: give all, or a number of 1 or more");
}
