using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>Searches, and writes the result and its report into the request's folder.</summary>
/// <param name="processes">Those that share the work; null for this one alone.</param>
public sealed class SearchJob(SpaceCatalogue spaces, SearchRequest request, Device device, ProcessGroup? processes = null)
{
    /// <summary>The candidates with their scores on the images of --compare-domain, once they were ranked there.</summary>
    public IReadOnlyList<Candidate>? Elsewhere { get; private set; }

    private bool IsFirst => processes is not { Rank: > 0 };

    /// <summary>What a checkpoint says of itself; a <see cref="UserException"/> where it is of one network.</summary>
    public static (TrainOptions Options, long Step) Searchable(string checkpoint)
    {
        var (options, step) = Checkpoint.Describe(checkpoint);
        return options.Method.Architecture is not { } only ? (options, step)
            : throw new UserException(
                $"{checkpoint}: a run of one network ({only}) has no subnets to search; train without --arch for that, or measure it with 'datassl evaluate'");
    }

    /// <summary>The result; null in a process after the first.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what was scored is in the folder.</exception>
    public SearchResult? Run(CancellationToken cancellation = default)
    {
        var (options, step) = Searchable(request.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        IReadOnlyList<SearchTask> tasks = request.Against is null
            ? request.Tasks
            : [.. request.Tasks.Select(task => task.AgainstForeign())];
        if (request.Against is not null && !options.Pixels.IsImageNet)
            throw new UserException(
                $"--score teacher: is shown red, green and blue by ImageNet's statistics, and {request.Checkpoint} learnt from {options.Pixels}; search without");
        // Read before the work that it is for.
        var against = request.Against?.Open(options, spaces, space, size, device);
        using var teacher = against?.Network;
        var folder = request.Listed(request.Data, request.Source, options);
        var otherFolder = request.CompareDomain is null ? null : request.Listed(request.CompareDomain, null, options);
        MustSuit(tasks, folder.Count, otherFolder?.Count);
        if (teacher is not null && device.type == TorchSharp.DeviceType.CPU)
            MemoryLimit.MustHold(teacher, Math.Min(request.Images, folder.Count));
        if (IsFirst) RunFolder.TakeIfThere(request.Folder);
        // Before the device is timed, which takes long.
        Checkpoint.Check(request.Checkpoint, space);
        var costs = SearchLatency.Costs(space, request, size, device, processes);
        var strategy = request.Strategy(space, costs);
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        // Copies are known once all images are read.
        MustSuit(tasks, folder.WithoutCopies().Count, otherFolder?.WithoutCopies().Count);
        if (otherFolder?.Fingerprint == folder.Fingerprint)
            throw new UserException($"--compare-domain {request.CompareDomain}: holds the images of --data; give others");
        // Only now: what was asked for in vain leaves no folder behind.
        if (IsFirst) Begin(costs);
        if (against is not null) RunTeacher.Tell(against.Origin);
        var (images, count) = request.Batch(folder, size, device);
        using var _ = images;
        foreach (var task in tasks) task.MustSuit(count);
        var (atOnce, planned) = SearchMemory.Plan(networks, request, strategy, size, count, processes);
        TellOfNarrowBudgets(space, strategy);
        Notices.Tell(
            $"{(strategy is Evolution ? "up to " : "")}{Wording.Count(strategy.Most, "candidate")} of {space.Name}, {Wording.Count(count, "image")} of {size} px");
        var (identity, provenance) = Origin(options, step, against?.Origin, folder, count, size);
        using var foreign = Foreign(teacher, folder);
        var searcher = new Searcher(networks, images, strategy, tasks, identity)
        {
            Foreign = foreign,
            ImagesAtOnce = atOnce,
            Folder = request.Folder,
            Processes = processes,
            Costs = costs,
            Seed = request.Seed,
            Report = Progress(),
        };
        if (searcher.Run(provenance, cancellation) is not var (result, candidates)) return null;
        if (otherFolder is not null)
        {
            using var foreignThere = Foreign(teacher, otherFolder);
            result = result with
            {
                Domains = Compare(
                    searcher with { Strategy = candidates, Foreign = foreignThere }, result, candidates, otherFolder, cancellation),
            };
        }
        SearchFiles.Write(space, result, request.Folder);
        Notices.Tell($"memory: {planned / 1048576.0:N0} MiB planned, {ProcessMemory.PeakBytes() / 1048576.0:N0} MiB at the peak");
        return result;
    }

    private void MustSuit(IReadOnlyList<SearchTask> tasks, int images, int? others)
    {
        foreach (var task in tasks) task.MustSuit(Math.Min(request.Images, Math.Min(images, others ?? int.MaxValue)));
    }

    /// <summary>Takes the folder for the search; what an earlier one scored there goes, unless this one goes on with it.</summary>
    private void Begin(CostModel costs)
    {
        RunFolder.Take(request.Folder);
        if (!request.Resume)
            foreach (var path in ResultStream.In(request.Folder)) File.Delete(path);
        SearchLatency.Keep(costs, request);
    }

    /// <summary>What scores depend on, and what the result says of where it came from.</summary>
    private (Dictionary<string, string> Identity, Dictionary<string, string> Provenance) Origin(
        TrainOptions options, long step, TeacherOrigin? against, ImageSource folder, int images, int size)
    {
        var (hash, fingerprint, seed) = (Checkpoint.Hash(request.Checkpoint), folder.Fingerprint[..16],
            request.Seed.ToString(CultureInfo.InvariantCulture));
        var identity = new Dictionary<string, string>
        {
            ["checkpoint"] = hash,
            // What was begun when copies still counted is of other images.
            [Provenance.SearchData] = fingerprint + (folder.Copies().Count > 0 ? " without copies" : ""),
            ["seed"] = seed,
        };
        var provenance = new Dictionary<string, string>
        {
            // Whole, since winners may be emitted from another folder.
            [Provenance.Checkpoint] = Images.FullPath(request.Checkpoint),
            [Provenance.CheckpointHash] = hash,
            [Provenance.TrainingSteps] = step.ToString(CultureInfo.InvariantCulture),
            [Provenance.TrainingData] = $"{options.Data} ({options.DataFingerprint[..16]})",
            [Provenance.SearchData] = Images.FullPath(request.Data),
            [Provenance.SearchDataFingerprint] = fingerprint,
            [Provenance.Images] = images.ToString(CultureInfo.InvariantCulture),
            [Provenance.Seed] = seed,
            [Provenance.Version] = Product.Version,
            [Provenance.Command] = request.CommandLine(size),
        };
        if (request.Crop != default) identity.Add("crop", request.Crop.ToString());
        if (against is not null)
        {
            identity.Add("teacher", against.ToString());
            provenance.Add(Provenance.ScoredAgainst, against.ToString());
        }
        if ((request.Tiles ?? options.Tiles) is { } tiles) provenance.Add(Provenance.SearchTiles, tiles.ToString());
        if (options.From is { } from) provenance.Add(Provenance.StartedFrom, from.ToString());
        if (options.Teacher is { } learntFrom) provenance.Add(Provenance.LearntFrom, learntFrom.ToString());
        return (identity, provenance);
    }

    private static Action<int, int> Progress()
    {
        ProgressLine? line = null;
        return (done, total) => (line ??= new(total, "candidates")).Report(done);
    }

    /// <summary>A foreign teacher's unit embeddings of the search images [N, D]; null where there is none.</summary>
    private Tensor? Foreign(ForeignTeacher? teacher, ImageSource folder)
    {
        if (teacher is null) return null;
        using var images = request.Batch(folder, teacher.Size, device).Images;
        using var scope = NewDisposeScope();
        teacher.Prepare(images.split(ForeignTeacher.Batch));
        var embeddings = teacher.Embed(images).Embedding;
        if (!embeddings.isfinite().all().item<bool>())
            throw new UserException(
                $"--score teacher: its embeddings of {folder.Root} are not finite: a weight of it is not, or its values overflow; give another --teacher");
        ForeignTeacher.MustTellApart(embeddings, "--score teacher");
        return embeddings.DetachFromDisposeScope();
    }

    /// <summary>A budget in which fewer are found by drawing than asked for: it may have more.</summary>
    private void TellOfNarrowBudgets(SearchSpace space, IStrategy strategy)
    {
        if (request.Kind != StrategyKind.Random || space.Count <= BudgetDraw.MostTries || strategy is not CandidateSet drawn) return;
        foreach (var (budget, members) in drawn.Groups.Where(g => g.Value.Count < request.PerBudget))
            Notices.Tell(
                $"{budget}: only {members.Count:N0} of {request.PerBudget:N0} candidates found in {BudgetDraw.MostTries:N0} draws; a wider budget has more");
    }

    /// <summary>The same candidates on other images; as many of them, drawn alike.</summary>
    private IReadOnlyList<DomainComparison> Compare(
        Searcher searcher, SearchResult here, CandidateSet candidates, ImageSource folder, CancellationToken cancellation)
    {
        var (images, count) = request.Batch(folder, here.Size, device);
        using var _ = images;
        Notices.Tell($"the same on {Wording.Count(count, "image")} of {folder.Root}");
        var there = (
            searcher with
            {
                Images = images,
                Folder = null,
                Processes = null,
                Costs = searcher.Costs! with { Latency = null },
                Report = Progress(),
            })
            .Run(new Dictionary<string, string>(), cancellation)!.Value.Result;
        Elsewhere = there.Candidates;
        var members = candidates.Groups.ToDictionary(
            g => g.Key.ToString(), g => (IReadOnlyList<string>)[.. g.Value.Select(a => a.ToString())]);
        return DomainComparison.Of(here, there, request.CompareDomain!, members);
    }
}
