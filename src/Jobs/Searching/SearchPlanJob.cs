using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>Tells what each way of searching would take, from a walk that is a trial.</summary>
internal sealed class SearchPlanJob(SpaceCatalogue spaces, SearchRequest request, Device device)
{
    /// <param name="seconds">To walk for as a trial.</param>
    /// <param name="limit">Seconds that the search may take.</param>
    public SearchOffer Run(double seconds, double limit)
    {
        var (options, _) = SearchJob.Searchable(request.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        var ways = Ways(space, SearchLatency.Costs(space, request, size, device));
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        var (images, count) = request.Batch(request.Listed(request.Data, null, options), size, device);
        using var _ = images;
        var (atOnce, bytes) = SearchMemory.Plan(networks, request, ways[0].Strategy, size, count, processes: null);
        PrefixWalk.Prepare(networks, atOnce);
        using var scorer = new Scorer(networks, request.Tasks, images);
        var rate = WalkProbe.MacsPerSecond(
            networks, scorer, ways.Select(w => w.Strategy).OfType<CandidateSet>().First().All, images, seconds);
        var macs = new BlockMacs(space, size);
        var plans = ways.Select(way => SearchPlan.Of(way.Kind, way.PerBudget, way.Strategy, macs, request.Tasks.Count, count, rate))
            .ToList();
        return new(request, plans, SearchPlan.Pick(plans, limit), bytes);
    }

    /// <summary>
    /// The strategies that there are for the request, the most thorough first: of a list it is the list, and of a space too large to list
    /// it is not all of it.
    /// </summary>
    private List<(StrategyKind Kind, int? PerBudget, IStrategy Strategy)> Ways(SearchSpace space, CostModel costs)
    {
        var ways = new List<(StrategyKind Kind, int? PerBudget, IStrategy Strategy)>();
        if (request.List is not null || space.Count <= CandidateSet.MostEnumerated)
            ways.Add((StrategyKind.Exhaustive, null, request.Strategy(space, costs)));
        else Notices.Tell($"{space.Name} has {space.Count:N0} architectures: too many to rank them all");
        if (request.List is not null) return ways;
        var largest = ways is [(_, _, CandidateSet all)] ? all.Groups.Values.Max(g => g.Count) : int.MaxValue;
        ways.AddRange(SearchPlan.Numbers.Where(n => n.PerBudget < largest)
            .Select(
                n =>
                    (n.Strategy, (int?)n.PerBudget, (request with { Kind = n.Strategy, PerBudget = n.PerBudget }).Strategy(space, costs))));
        return ways;
    }
}

/// <summary>What the ways of searching would take, and the one that is picked.</summary>
/// <param name="Bytes">Memory of the process.</param>
internal sealed record SearchOffer(SearchRequest Request, IReadOnlyList<SearchPlan> Plans, SearchPlan Picked, long Bytes)
{
    /// <summary>A way in words.</summary>
    public string Name(SearchPlan plan) =>
        Request.List is not null
            ? "list"
            : plan.PerBudget is { } n
            ? FormattableString.Invariant($"{Word(plan.Strategy)} {n:N0} a budget")
            : Word(plan.Strategy);

    private static string Word(StrategyKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>All of it, for a program.</summary>
    public JsonObject Json() => new()
    {
        ["strategies"] = new JsonArray([.. Plans.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = Name(p),
            ["strategy"] = Request.List is null ? Word(p.Strategy) : "list",
            ["perBudget"] = p.PerBudget,
            ["candidates"] = p.Candidates,
            ["macsPerImage"] = p.MacsPerImage,
            ["oneByOneMacsPerImage"] = p.OneByOneMacsPerImage,
            ["seconds"] = p.Seconds,
        })]),
        ["picked"] = Name(Picked),
        ["memoryBytes"] = Bytes,
    };
}
