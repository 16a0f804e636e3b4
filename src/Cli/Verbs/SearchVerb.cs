using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Report;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
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
        var o = new SearchVerbOptions();
        var json = Options.Json();
        var command = new Command("search", "Rank the subnets within budgets, for tasks, by their likeness to the largest network on your images.");
        foreach (var option in o.All) command.Add(option);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using var processes = TrainProcesses.Join();
            Options.SetThreads(parsed, o.Threads);
            var request = o.Read(parsed);
            var device = TrainProcesses.FindDevice(parsed.GetValue(o.Device)!, processes);
            using var interrupt = new Interrupt();
            // A signal to one process stops all.
            using var told = interrupt.Token.Register(() => processes?.AskToStop());
            var stop = processes?.Stopping ?? interrupt.Token;
            try
            {
                // A process after the first has nothing to show.
                var result = Run(spaces, request, device, processes, stop);
                if (result is not null && parsed.GetValue(json)) Output.Json((JsonObject)JsonNode.Parse(SearchResultJson.Serialize(result))!);
                else if (result is not null) SearchTable.Print(result, request);
                processes?.Leave();
                return 0;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Output.Progress($"{Interrupt.Word}what was scored is kept; continue with: {NextCommand.Again("search", [.. request.Words(request.Size), "--resume", .. NextCommand.Given(parsed, o.Memory, o.Device, o.Threads)])}");
                processes?.Leave();
                return interrupt.ExitCode == 0 ? 143 : interrupt.ExitCode;
            }
        });
        return command;
    }

    public static Option<string> CheckpointOption() => new("--checkpoint") { Description = "A run's checkpoint file, or its folder.", HelpName = "FILE" };

    public static Option<int> ImagesOption() => NumberOption.Of("--images", Options.Count, 256, "Images that statistics and scores are taken over.");

    /// <summary>The fact of a result that says which given weights the training started from.</summary>
    public const string FromKey = "training started from";

    /// <summary>The fact of a result that says which frozen network the training learnt from.</summary>
    public const string TeacherKey = "training learnt from";

    /// <summary>The fact of a result that says which foreign network scores are relations to.</summary>
    public const string AgainstKey = "scored against";

    /// <summary>The fact of a result that says which checkpoint was searched, by its hash.</summary>
    public const string HashKey = "checkpoint hash";

    /// <summary>The fact of a result that says how many steps that had learnt.</summary>
    public const string StepsKey = "training steps";

    /// <summary>The fact of a result that says what from: a path, and in brackets the fingerprint.</summary>
    public const string TrainingDataKey = "training data";

    public static string CheckpointPath(string path) => Directory.Exists(path) ? Path.Combine(path, CheckpointFolder.NewestFile) : path;

    /// <summary>What a checkpoint says of itself; a <see cref="UserException"/> where it is of one network.</summary>
    public static (TrainOptions Options, long Step) Searchable(string checkpoint)
    {
        var (options, step) = Checkpoint.Describe(checkpoint);
        return options.Method.Architecture is not { } only ? (options, step)
            : throw new UserException($"{checkpoint}: a run of one network ({only}) has no subnets to search; train without --arch for that, or measure it with 'datassl evaluate'");
    }

    /// <summary>Searches, and writes the result and its report into the request's folder; null in a process after the first.</summary>
    public static SearchResult? Run(SpaceCatalogue spaces, SearchRequest request, Device device, ProcessGroup? processes = null, CancellationToken cancellation = default)
    {
        var (options, step) = Searchable(request.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        IReadOnlyList<SearchTask> tasks = request.Against is null ? request.Tasks : [.. request.Tasks.Select(task => task.AgainstForeign())];
        // Read before the work that it is for.
        var against = request.Against?.Open(options, spaces, space, size, device);
        using var teacher = against?.Network;
        var folder = ImageSource.Open(request.Data);
        var otherFolder = request.CompareDomain is null ? null : ImageSource.Open(request.CompareDomain);
        foreach (var task in tasks) task.MustSuit(Math.Min(request.Images, Math.Min(folder.Count, otherFolder?.Count ?? int.MaxValue)));
        if (teacher is not null && device.type == TorchSharp.DeviceType.CPU) MemoryLimit.MustHold(teacher, Math.Min(request.Images, folder.Count));
        if (processes is not { Rank: > 0 }) RunFolder.TakeIfThere(request.Folder);
        // Before the device is timed, which takes long.
        Checkpoint.Check(request.Checkpoint, space);
        var costs = SearchLatency.Costs(space, request, size, device, processes);
        var strategy = request.Strategy(space, costs);
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        // Copies are known once all images are read.
        foreach (var task in tasks) task.MustSuit(Math.Min(request.Images, Math.Min(folder.WithoutCopies().Count, otherFolder?.WithoutCopies().Count ?? int.MaxValue)));
        if (otherFolder?.Fingerprint == folder.Fingerprint) throw new UserException($"--compare-domain {request.CompareDomain}: holds the images of --data; give others");
        // Only now: what was asked for in vain leaves no folder behind.
        if (processes is not { Rank: > 0 }) RunFolder.Take(request.Folder);
        if (!request.Resume && processes is not { Rank: > 0 })
            foreach (var path in ResultStream.In(request.Folder)) File.Delete(path);
        if (processes is not { Rank: > 0 }) SearchLatency.Keep(costs, request);
        if (against is not null) TeacherOptions.Tell(against.Origin);
        var (images, count) = Images.Batch(folder, request.Images, size, request.Seed, device, request.Memory);
        using var _ = images;
        foreach (var task in tasks) task.MustSuit(count);
        var (atOnce, planned) = SearchMemory.Plan(space, request, strategy, size, count, processes);
        TellOfNarrowBudgets(space, request, strategy);
        Output.Progress($"{(strategy is Evolution ? "up to " : "")}{Output.Count(strategy.Most, "candidate")} of {space.Name}, {Output.Count(count, "image")} of {size} px");
        var checkpointHash = Checkpoint.Hash(request.Checkpoint);
        var identity = new Dictionary<string, string>
        {
            ["checkpoint"] = checkpointHash,
            // What was begun when copies still counted is of other images.
            ["search data"] = folder.Fingerprint[..16] + (folder.Copies().Count > 0 ? " without copies" : ""),
            ["seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
        };
        var provenance = new Dictionary<string, string>
        {
            // Whole, since winners may be emitted from another folder.
            ["checkpoint"] = Images.FullPath(request.Checkpoint),
            [HashKey] = checkpointHash,
            [StepsKey] = step.ToString(CultureInfo.InvariantCulture),
            [TrainingDataKey] = $"{options.Data} ({options.DataFingerprint[..16]})",
            ["search data"] = Images.FullPath(request.Data),
            ["search data fingerprint"] = folder.Fingerprint[..16],
            ["images"] = count.ToString(CultureInfo.InvariantCulture),
            ["seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
            ["datassl"] = Version,
            [HtmlReport.CommandKey] = request.CommandLine(size),
        };
        if (against is { Origin: var origin })
        {
            identity.Add("teacher", origin.ToString());
            provenance.Add(AgainstKey, origin.ToString());
        }
        if (options.From is { } from) provenance.Add(FromKey, from.ToString());
        if (options.Teacher is { } learntFrom) provenance.Add(TeacherKey, learntFrom.ToString());
        ProgressLine? progress = null;
        using var foreign = Foreign(teacher, folder, request, device);
        var searcher = new Searcher(networks, images, strategy, tasks, identity)
        {
            Foreign = foreign,
            ImagesAtOnce = atOnce,
            Folder = request.Folder,
            Processes = processes,
            Costs = costs,
            Seed = request.Seed,
            Report = (done, total) => (progress ??= new(total, "candidates")).Report(done),
        };
        if (searcher.Run(provenance, cancellation) is not var (result, candidates)) return null;
        if (otherFolder is not null)
        {
            using var foreignThere = Foreign(teacher, otherFolder, request, device);
            result = result with { Domains = Compare(searcher with { Strategy = candidates, Foreign = foreignThere }, result, candidates, otherFolder, request, cancellation) };
        }
        Write(space, result, request.Folder);
        Output.Progress($"memory: {planned / 1048576.0:N0} MiB planned, {ProcessMemory.PeakBytes() / 1048576.0:N0} MiB at the peak");
        return result;
    }

    /// <summary>A foreign teacher's unit embeddings of the search images [N, D]; null where there is none.</summary>
    private static Tensor? Foreign(ForeignTeacher? teacher, ImageSource folder, SearchRequest request, Device device)
    {
        if (teacher is null) return null;
        using var images = Images.Batch(folder, request.Images, teacher.Size, request.Seed, device, request.Memory).Images;
        using var scope = NewDisposeScope();
        teacher.Prepare(images.split(ForeignTeacher.Batch));
        var embeddings = teacher.Embed(images).Embedding;
        if (!embeddings.isfinite().all().item<bool>()) throw new UserException($"--score teacher: its embeddings of {folder.Root} are not finite: a weight of it is not, or its values overflow; give another --teacher");
        ForeignTeacher.MustTellApart(embeddings, "--score teacher");
        return embeddings.DetachFromDisposeScope();
    }

    /// <summary>A budget in which fewer are found by drawing than asked for: it may have more.</summary>
    private static void TellOfNarrowBudgets(SearchSpace space, SearchRequest request, IStrategy strategy)
    {
        if (request.Kind != StrategyKind.Random || space.Count <= BudgetDraw.MostTries || strategy is not CandidateSet drawn) return;
        foreach (var (budget, members) in drawn.Groups.Where(g => g.Value.Count < request.PerBudget))
            Output.Progress($"{budget}: only {members.Count:N0} of {request.PerBudget:N0} candidates found in {BudgetDraw.MostTries:N0} draws; a wider budget has more");
    }

    /// <summary>The same candidates on other images; as many of them, drawn alike.</summary>
    private static IReadOnlyList<DomainComparison> Compare(
        Searcher searcher, SearchResult here, CandidateSet candidates, ImageSource folder, SearchRequest request, CancellationToken cancellation)
    {
        var (images, count) = Images.Batch(folder, request.Images, here.Size, request.Seed, searcher.Images.device, request.Memory);
        using var _ = images;
        Output.Progress($"the same on {Output.Count(count, "image")} of {folder.Root}");
        ProgressLine? progress = null;
        var there = (searcher with
        {
            Images = images,
            Folder = null,
            Processes = null,
            Costs = searcher.Costs! with { Latency = null },
            Report = (done, total) => (progress ??= new(total, "candidates")).Report(done),
        }).Run(new Dictionary<string, string>(), cancellation)!.Value.Result;
        var members = candidates.Groups.ToDictionary(g => g.Key.ToString(), g => (IReadOnlyList<string>)[.. g.Value.Select(a => a.ToString())]);
        return DomainComparison.Of(here, there, request.CompareDomain!, members);
    }

    /// <summary>Writes search.json and report.html.</summary>
    public static void Write(SearchSpace space, SearchResult result, string folder)
    {
        SearchResultJson.Write(result, Path.Combine(folder, ResultFile));
        WriteReport(space, result, folder);
    }

    /// <summary>Writes report.html, with what is known beside the search.</summary>
    public static void WriteReport(SearchSpace space, SearchResult result, string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, ReportFile), HtmlReport.Render(space, result, ReportVerb.Curves(result), ReportVerb.Verdict(result, folder)));
}
