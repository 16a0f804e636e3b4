using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Cli.Study;

/// <summary>
/// Scores subnets without labels, in one walk, and measures each with labels: how much the first says of the second (DATA, section 4.2).
/// Scores, record and report are those of a search in the same folder over the study's list.
/// </summary>
internal sealed class SubnetStudy(SpaceCatalogue spaces, StudyRequest request, Device device)
{
    /// <summary>Subnets that a rank correlation needs.</summary>
    public const int Fewest = 3;

    public const string ResultFile = "study.json";
    private const string ListFile = "subnets.txt";

    /// <summary>Runs the study, and writes its result into the request's folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the files.</exception>
    public (StudyResult Result, JsonObject Json) Run(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var (options, _) = SearchJob.Searchable(request.Search.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Search.Size ?? options.Size);
        foreach (var task in request.Search.Tasks) task.MustSuit(space);
        var subnets = Subnets(space);
        RunFolder.TakeIfThere(request.Search.Folder);
        // Before the walk: what is wrong with the labelled images is better told now.
        ImageSource.Open(request.Search.Data);
        var groups = Groups(space, subnets, size);
        var data = LabelledData.Load(request.Train, request.Test, size, request.Search.Seed, "--train");
        RunFolder.Take(request.Search.Folder);
        var file = StudyFile.Open(request.Search.Folder, space, Identity(data, space, size), request.Search.Resume);
        var ranking = new SearchJob(spaces, request.Search with { List = WriteList(space, subnets) }, device).Run(cancellation)!;
        var scored = ranking.Candidates.ToDictionary(c => c.Architecture);
        var labelled = data.Train.At(LabelShare.Balanced(data.Train.Labels, request.Labels, request.Search.Seed));
        var accuracies = Evaluate(file, space, [space.Max, .. subnets], data, labelled, size, cancellation);
        var result = new StudyResult(ranking, [.. subnets.Select(Studied)], Studied(space.Max), groups, request.Search.Seed);
        var json = ToJson(result, data.Facts(labelled.Count), size, watch.Elapsed);
        AtomicFile.WriteText(Path.Combine(request.Search.Folder, ResultFile), Output.Text(json) + "\n");
        SearchFiles.Write(space, result.RankingWithAccuracies(request.Method.Name), request.Search.Folder);
        return (result, json);

        StudiedSubnet Studied(Architecture a) => new(scored[a.ToString()], accuracies[a]);
    }

    /// <summary>In the order of the draw: a study of more begins with those of a smaller one.</summary>
    private IReadOnlyList<Architecture> Subnets(SearchSpace space) => request.List is { } list
        ? CandidateFile.Read(space, list) is { Count: >= Fewest } listed
            ? listed
            : throw new UserException($"--list {list}: a correlation needs {Fewest} subnets or more")
        : new UniformDraw(space, CounterRandom.For((ulong)request.Search.Seed, "study")).Take(request.Subnets);

    /// <summary>The subnets of each budget that is asked for; where none is, of all and of the space's own that some are within.</summary>
    private CandidateSet Groups(SearchSpace space, IReadOnlyList<Architecture> subnets, int size)
    {
        Budget[] budgets = [.. (request.Budgets ?? []).Select(text => Budget.Of(space, text)).Distinct()];
        if (budgets.FirstOrDefault(b => b.Limits.Any(l => l.Measure == Measure.Latency)) is { } timed)
            throw new UserException($"--budgets {timed}: a study times nothing; give MACs, parameters or activations");
        if (budgets.Length == 0)
            budgets =
            [
                Budget.All,
                .. space.Budgets.Select(b => Budget.Parse(b.Text))
                    .Where(b => b.Limits.All(l => l.Measure != Measure.Latency) && subnets.Any(a => b.Contains(a, size))),
            ];
        return CandidateSet.Among(
            subnets, budgets, size,
            request.List is { } list ? $"--list {list}" : FormattableString.Invariant($"--subnets {request.Subnets}"));
    }

    private string WriteList(SearchSpace space, IReadOnlyList<Architecture> subnets)
    {
        var path = Path.Combine(request.Search.Folder, ListFile);
        var origin = request.List ?? FormattableString.Invariant($"a uniform draw by seed {request.Search.Seed}");
        AtomicFile.WriteText(
            path,
            FormattableString.Invariant($"# {subnets.Count:N0} subnets of {space.Name} ({origin}), and Max for reference.\n")
                + string.Concat(subnets.Append(space.Max).Distinct().Select(a => $"{a}\n")));
        return path;
    }

    private Dictionary<Architecture, bool[]> Evaluate(
        StudyFile file, SearchSpace space, IReadOnlyList<Architecture> architectures, LabelledData data, LabelledPart labelled, int size,
        CancellationToken cancellation)
    {
        using var networks = Checkpoint.LoadNetworks(request.Search.Checkpoint, space, device);
        var (missing, done) = (architectures.Distinct().Where(a => file.Of(a) is null).ToList(), 0);
        foreach (var architecture in missing)
        {
            cancellation.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            using var scope = NewDisposeScope();
            using var network = NetworkSource.Calibrated(
                networks.Student, architecture, new(data.Train.Store, size, device, data.Train.Indices), request.Calibration, device);
            var (accuracy, right, options) = request.Method.Run(
                new(network, labelled, data.Test, data.Classes, size, request.Search.Seed, request.Calibration, device));
            file.Add(architecture, right, new()
            {
                ["top1"] = AccuracyText.Json(accuracy.Top1),
                ["top5"] = accuracy.Top5 is { } top5 ? AccuracyText.Json(top5) : null,
                ["options"] = options,
                ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 1),
            });
            Output.Progress(
                $"{++done:N0} of {missing.Count:N0} subnets evaluated: {AccuracyText.Of(accuracy.Top1)} of {architecture}, in {Output.Short(watch.Elapsed)}");
        }
        return architectures.Distinct().ToDictionary(a => a, a => file.Of(a)!);
    }

    /// <summary>What an accuracy depends on beside its subnet.</summary>
    private Dictionary<string, string> Identity(LabelledData data, SearchSpace space, int size) => new()
    {
        ["checkpoint"] = Checkpoint.Hash(request.Search.Checkpoint),
        ["space"] = space.Hash,
        ["method"] = request.Method.ToString(),
        ["size"] = size.ToString(CultureInfo.InvariantCulture),
        ["labels"] = request.Labels.ToString(CultureInfo.InvariantCulture),
        ["calibration"] = request.Calibration.ToString(CultureInfo.InvariantCulture),
        ["training images"] = data.Train.Store.Source.Fingerprint[..16],
        ["test images"] = data.Test.Store.Source.Fingerprint[..16],
        ["test count"] = data.Test.Count.ToString(CultureInfo.InvariantCulture),
        ["seed"] = request.Search.Seed.ToString(CultureInfo.InvariantCulture),
    };

    private JsonObject ToJson(StudyResult result, JsonObject data, int size, TimeSpan elapsed) => new()
    {
        ["space"] = result.Ranking.Space,
        ["spaceHash"] = result.Ranking.SpaceHash,
        ["method"] = request.Method.Name,
        ["tasks"] = new JsonArray(
            [.. result.Ranking.Tasks.Select(t => new JsonObject { ["name"] = t.Name, ["features"] = t.Features, ["metric"] = t.Metric })]),
        ["agreements"] = result.AgreementsToJson(),
        ["regrets"] = result.RegretsToJson(),
        ["max"] = result.Max.ToJson(),
        ["subnets"] = new JsonArray([.. result.Subnets.Select(s => s.ToJson())]),
        ["size"] = size,
        ["data"] = data,
        ["labels"] = request.Labels,
        ["calibration"] = request.Calibration,
        ["provenance"] = new JsonObject(
            result.Ranking.Provenance.Where(p => p.Key != Provenance.Command).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        ["command"] = request.CommandLine(size),
        ["machine"] = Checkpoint.Machine(device),
        ["seconds"] = Math.Round(elapsed.TotalSeconds, 1),
    };
}
