using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
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

namespace DataSsl.Jobs.Study;

/// <summary>
/// Scores subnets without labels, in one walk, and measures each with labels: how much the first says of the second (DATA, section 4.2).
/// Scores, record and report are those of a search in the same folder over the study's list.
/// </summary>
public sealed class StudyJob(SpaceCatalogue spaces, StudyRequest request, Device device)
{
    /// <summary>Subnets that a rank correlation needs.</summary>
    public const int Fewest = 3;

    /// <summary>The result's file in the folder.</summary>
    public const string ResultFile = "study.json";
    private const string ListFile = "subnets.txt", StatePrefix = "dense-training-", StateSuffix = ".safetensors";

    /// <summary>Runs the study, and writes its result into the request's folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the files.</exception>
    public (StudyResult Result, JsonObject Json) Run(CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        var (options, _) = SearchJob.Searchable(request.Search.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Search.Size ?? options.Size);
        foreach (var task in request.Search.Tasks) task.MustSuit(space);
        var subnets = Subnets(space);
        RunFolder.TakeIfThere(request.Search.Folder);
        // Before the walk: what is wrong with images is better told now.
        if (request.Search.CompareDomain is { } other) ImageSource.Open(other);
        var groups = Groups(space, subnets, request.Search.CostSize ?? size);
        using var labels = request.Measure.Open(space, size);
        RunFolder.Take(request.Search.Folder);
        if (!request.Search.Resume) DeleteStates();
        var file = StudyFile.Open(request.Search.Folder, space, Identity(labels, space), request.Search.Resume, labels.Read);
        // The list alone says which: budgets part what is listed only once it is measured.
        var search = new SearchJob(
            spaces,
            request.Search with { List = WriteList(space, subnets), Source = labels.Images, Budgets = [$"{Budget.All}"] }, device);
        var ranking = search.Run(cancellation)!;
        var (scored, elsewhere) = (ByArchitecture(ranking.Candidates), ByArchitecture(search.Elsewhere ?? []));
        var outcomes = Evaluate(file, [space.Max, .. subnets], labels, cancellation);
        DeleteStates();
        var result = new StudyResult(
            ranking, request.Measure, [.. subnets.Select(Studied)], Studied(space.Max), groups, labels.TestImages,
            request.Search.CompareDomain, request.Search.Seed);
        var json = ToJson(result, labels, size, watch.Elapsed);
        AtomicFile.WriteText(Path.Combine(request.Search.Folder, ResultFile), IndentedJson.Of(json) + "\n");
        SearchFiles.Write(space, result.RankingWithStudy(), request.Search.Folder);
        return (result, json);

        StudiedSubnet Studied(Architecture a) => new(scored[a.ToString()], elsewhere.GetValueOrDefault(a.ToString()), outcomes[a]);

        static Dictionary<string, Candidate> ByArchitecture(IEnumerable<Candidate> of) => of.ToDictionary(c => c.Architecture);
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

    private Dictionary<Architecture, StudyOutcome> Evaluate(
        StudyFile file, IReadOnlyList<Architecture> architectures, StudyLabels labels, CancellationToken cancellation)
    {
        var (all, watch) = (architectures.Distinct().ToList(), Stopwatch.StartNew());
        var missing = all.Where(a => file.Of(a) is null).ToList();
        foreach (var (done, architecture) in missing.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var (begun, state) = (watch.Elapsed, StateOf(architecture));
            var outcome = file.Add(architecture, labels.Measure(architecture, state, cancellation));
            File.Delete(state);
            Notices.Tell(
                $"{done + 1:N0} of {missing.Count:N0} subnets evaluated: {request.Measure.Figure} {DenseScores.Text(outcome.Value)} of {architecture}, in {Wording.Short(watch.Elapsed - begun)}; {Wording.Short(watch.Elapsed / (done + 1) * (missing.Count - done - 1))} left");
        }
        return all.ToDictionary(a => a, a => file.Of(a)!);
    }

    /// <summary>Where a subnet's training is kept until its line is written: a name of its own, so that no other goes on with it.</summary>
    private string StateOf(Architecture architecture) => Path.Combine(
        request.Search.Folder,
        StatePrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(architecture.ToString())))[..16] + StateSuffix);

    /// <summary>What trainings of an earlier study were kept; a process that was killed left its last one.</summary>
    private void DeleteStates()
    {
        foreach (var path in Directory.GetFiles(request.Search.Folder, $"{StatePrefix}*{StateSuffix}")) File.Delete(path);
    }

    /// <summary>What a subnet's figure depends on beside the subnet.</summary>
    private Dictionary<string, string> Identity(StudyLabels labels, SearchSpace space) => new(labels.Identity)
    {
        ["checkpoint"] = Checkpoint.Hash(request.Search.Checkpoint),
        ["space"] = space.Hash,
        ["seed"] = request.Search.Seed.ToString(CultureInfo.InvariantCulture),
    };

    private JsonObject ToJson(StudyResult result, StudyLabels labels, int size, TimeSpan elapsed)
    {
        var json = new JsonObject
        {
            ["space"] = result.Ranking.Space,
            ["spaceHash"] = result.Ranking.SpaceHash,
            ["method"] = request.Measure.Method,
            ["figure"] = request.Measure.Figure,
            ["tasks"] = new JsonArray(
                [
                    .. result.Ranking.Tasks.Select(
                        t => new JsonObject { ["name"] = t.Name, ["features"] = t.Features, ["metric"] = t.Metric }),
                ]),
            ["agreements"] = result.AgreementsToJson(),
            ["regrets"] = result.RegretsToJson(),
            ["max"] = result.Max.ToJson(),
            ["subnets"] = new JsonArray([.. result.Subnets.Select(s => s.ToJson())]),
            ["size"] = size,
        };
        if (request.Search.CompareDomain is { } other) json["compareDomain"] = other;
        foreach (var (name, value) in labels.Facts()) json[name] = value?.DeepClone();
        json["provenance"] = new JsonObject(
            result.Ranking.Provenance.Where(p => p.Key != Provenance.Command).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        json["command"] = request.CommandLine(size);
        json["machine"] = Checkpoint.Machine(device);
        json["seconds"] = Math.Round(elapsed.TotalSeconds, 1);
        return json;
    }
}
