using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.SearchSpaces;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Search;

/// <summary>
/// Ranks the candidates of each budget by their likeness to the largest network on the user's images, for each task at once.
/// </summary>
/// <param name="Networks">The trained supernet with its teacher.</param>
/// <param name="Images">Search images [N, 3, S, S].</param>
/// <param name="Strategy">Which architectures are scored.</param>
/// <param name="Identity">What scores depend on beside the images' number and size: checkpoint, data, seed. A search goes on only where it
/// is the same.</param>
public sealed record Searcher(
    NetworkPair Networks, Tensor Images, IStrategy Strategy, IReadOnlyList<SearchTask> Tasks, IReadOnlyDictionary<string, string> Identity)
{
    /// <summary>Images that a layer computes at once (<see cref="WalkMemory.AtOnce"/>); null for all.</summary>
    public int? ImagesAtOnce { get; init; }

    /// <summary>Folder of the files that candidates are written to as they are scored; null for none.</summary>
    public string? Folder { get; init; }

    /// <summary>A foreign teacher's unit embeddings of the images [N, D], for the tasks that are scored against it.</summary>
    public Tensor? Foreign { get; init; }

    /// <summary>What candidates cost; null for the closed forms at the search images' size.</summary>
    public CostModel? Costs { get; init; }

    /// <summary>Processes that share the work; null for this one alone.</summary>
    public ProcessGroup? Processes { get; init; }

    /// <summary>
    /// Called after each candidate with how many of this process's are scored, those of an earlier run included, and how many there are.
    /// </summary>
    public Action<int, int> Report { get; init; } = (_, _) => { };

    /// <summary>Seed of the bootstrap.</summary>
    public long Seed { get; init; }

    private SearchSpace Space => Networks.Space;

    private int Size => (int)Images.shape[3];

    private CostModel Counted => Costs ?? Size;

    private LatencyTable? Latency => Costs?.Latency;

    private int Units => ImageUnits.Count(Strategy.Most, (int)Images.shape[0], Tasks.Count);

    private IReadOnlyList<string> TaskNames => [.. Tasks.Select(t => t.ToString())];

    /// <summary>
    /// Scores what is not scored yet, round by round, and joins all. Of several processes only the first has the result and the candidates
    /// that it is of; the others null.
    /// </summary>
    /// <exception cref="OperationCanceledException">Stopped; what was scored is in the files.</exception>
    public (SearchResult Result, CandidateSet Candidates)? Run(
        IReadOnlyDictionary<string, string> provenance, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        var (scored, counted, blocks, candidates) = (Shared(), new HashSet<Architecture>(), 0L, (CandidateSet?)null);
        PrefixWalk.Prepare(Networks, AtOnce);
        // The teacher runs once, whatever the rounds, and not at all where nothing is left to score.
        var scorer = new Lazy<Scorer>(() => new(Networks, Tasks, Images, Foreign));
        try
        {
            foreach (var round in Strategy.Rounds(a => scored[a].Scores))
            {
                candidates = round;
                // As if nothing had been there: a search that goes on tells the same.
                blocks += Blocks(round.All.Where(counted.Add).ToList());
                var missing = round.All.Where(a => !scored.ContainsKey(a)).ToList();
                var share = new BlockMacs(Space, Size).Deal(missing, Processes?.Size ?? 1)[Processes?.Rank ?? 0];
                if (share.Count > 0) Walk(scorer.Value, share, round, scored, cancellation);
                if (Processes is not null) scored = Shared();
            }
        }
        finally
        {
            if (scorer.IsValueCreated) scorer.Value.Dispose();
        }
        if (Processes is { Rank: > 0 }) return null;
        if (Folder is not null && Processes is not null) Merge(scored);
        return (Assemble(candidates!, scored, blocks, provenance, watch), candidates!);
    }

    /// <summary>
    /// What the files hold once every process has written its own; whoever is late reads the same as the first, before anybody adds to
    /// them.
    /// </summary>
    private Dictionary<Architecture, Scored> Shared()
    {
        Processes?.Barrier();
        var known = Known();
        Processes?.Barrier();
        return known;
    }

    private static long Blocks(IReadOnlyCollection<Architecture> walked) =>
        walked.Count == 0 ? 0 : new PrefixNode(walked).Cost((_, _, _) => 1);

    private void Walk(
        Scorer scorer, IReadOnlyList<Architecture> share, CandidateSet round, Dictionary<Architecture, Scored> scored,
        CancellationToken cancellation)
    {
        using var stream = Folder is null
            ? null
            : new ResultStream(ResultStream.PathOf(Folder, Processes?.Rank ?? 0), FullIdentity(), TaskNames);
        var (done, units) = (round.All.Count(scored.ContainsKey), Units);
        var total = Strategy is CandidateSet ? done + share.Count : Strategy.Most;
        PrefixWalk.Run(Networks, scorer, share, Images, (architecture, likeness) =>
        {
            var result = new Scored(
                Finite(architecture, ImageUnits.Scores(likeness, Tasks.Count)), ImageUnits.Of(likeness, Tasks.Count, units));
            stream?.Add(architecture, result);
            scored.Add(architecture, result);
            Report(++done, total);
        }, cancellation);
    }

    /// <summary>
    /// What is no number ranks nothing: it comes of weights that are finite, but so large that what the network makes of images is not.
    /// </summary>
    private double[] Finite(Architecture architecture, double[] scores)
    {
        var odd = Array.FindIndex(scores, score => !double.IsFinite(score));
        return odd < 0
            ? scores
            : throw new UserException(
                $"{architecture}: its score for {Tasks[odd].Name} is not finite: the network's features overflow on these images, so its training diverged; search an earlier checkpoint");
    }

    private int AtOnce => ImagesAtOnce ?? (int)Images.shape[0];

    /// <summary>What the files hold, whichever processes wrote them.</summary>
    private Dictionary<Architecture, Scored> Known()
    {
        var known = new Dictionary<Architecture, Scored>();
        if (Folder is null) return known;
        foreach (var path in ResultStream.In(Folder))
            foreach (var (architecture, scored) in ResultStream.Read(path, FullIdentity(), Space, TaskNames, Units))
                known.TryAdd(architecture, scored);
        return known;
    }

    /// <summary>One file in the place of the processes'.</summary>
    private void Merge(Dictionary<Architecture, Scored> scored)
    {
        var joined = Path.Combine(Folder!, ".search.joined");
        File.Delete(joined);
        using (var stream = new ResultStream(joined, FullIdentity(), TaskNames))
            foreach (var (architecture, result) in scored) stream.Add(architecture, result);
        File.Move(joined, ResultStream.PathOf(Folder!, 0), overwrite: true);
        foreach (var path in ResultStream.In(Folder!).Where(p => p != ResultStream.PathOf(Folder!, 0))) File.Delete(path);
    }

    private Dictionary<string, string> FullIdentity() => new(Identity)
    {
        ["space"] = Space.Hash,
        ["tasks"] = string.Join(',', TaskNames),
        ["images"] = Images.shape[0].ToString(CultureInfo.InvariantCulture),
        ["size"] = Size.ToString(CultureInfo.InvariantCulture),
        ["units of images"] = Units.ToString(CultureInfo.InvariantCulture),
        ["images at once"] = AtOnce.ToString(CultureInfo.InvariantCulture),
    };

    private SearchResult Assemble(
        CandidateSet found, Dictionary<Architecture, Scored> scored, long blocks, IReadOnlyDictionary<string, string> provenance,
        Stopwatch watch)
    {
        var candidates = found.All.ToDictionary(a => a, a => new Candidate(
            a.ToString(), Space.IsOnGrid(a) ? Space.IndexOf(a) : -1, Counted.Of(Measure.Macs, a), Space.Parameters(a),
            new OrderedDictionary<string, double>(Tasks.Select((t, i) => KeyValuePair.Create(t.Name, scored[a].Scores[i]))),
                Latency?.Predict(a)));
        var alone = found.All.Sum(a => Enumerable.Range(0, Space.Segments.Count).Sum(s => (long)a.Depth(s)));
        var facts = new Dictionary<string, string>(provenance)
        {
            [Provenance.BlocksComputed] = string.Create(CultureInfo.InvariantCulture, $"{blocks:N0} of {alone:N0} (shared prefixes once)"),
            ["libtorch"] = LibtorchInfo.Version,
        };
        var winners = new Winners(found, Tasks, candidates, scored, Seed).Find();
        if (Latency is not null) facts["latency"] = Latency.Description;
        return new(
            Space.Name, Space.Hash, Size,
            [.. Tasks.Select(t => new TaskInfo(t.Name, t.Features, t.Description))],
            [.. found.All.Select(a => candidates[a])],
            winners,
            References(), facts, watch.Elapsed.TotalSeconds,
            Latencies: Latency is null ? null : LatencyChecks.Of(Latency, winners, candidates),
            CostSize: Counted.Size == Size ? null : Counted.Size);
    }

    private List<Reference> References() =>
        Space.Anchors.Select(a => (a.Name, Architecture: Space.Parse(a.Name))).Append(("Max", Space.Max)).Append(("Min", Space.Min))
            .Select(
                    r =>
                        new Reference(
                            r.Item1, r.Item2.ToString(), Counted.Of(Measure.Macs, r.Item2), Space.Parameters(r.Item2),
                            Latency?.Predict(r.Item2)))
                .ToList();
}
