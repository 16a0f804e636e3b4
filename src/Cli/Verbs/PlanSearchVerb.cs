using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan search</c>: what each way of searching would take, before one is begun.</summary>
internal static class PlanSearchVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SearchVerbOptions();
        var probe = NumberOption.Of("--probe", Options.Positive, 10, "Seconds to walk for as a trial.", "SECONDS");
        var within = NumberOption.Of("--within", Options.Positive, 1, "Hours that the search may take.", "HOURS");
        var json = Options.Json();
        var command = new Command("search", "Tell the time and memory of each strategy on this machine - ranking all candidates, breeding some, drawing some - and pick.");
        foreach (var option in o.All.Except([o.Out, o.CompareDomain, o.Resume, o.Strategy, o.Candidates])) command.Add(option);
        foreach (var option in new Option[] { probe, within, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var request = o.Read(parsed, folder: "");
            var seconds = parsed.GetValue(probe);
            var limit = parsed.GetValue(within) * 3600;
            var (plans, bytes) = Plan(spaces, request, Options.FindDevice(parsed.GetValue(o.Device)!), seconds);
            var picked = SearchPlan.Pick(plans, limit);
            if (parsed.GetValue(json)) Output.Json(ToJson(request, plans, picked, bytes));
            else Print(request, plans, picked, bytes);
            return 0;
        });
        return command;
    }

    private static (IReadOnlyList<SearchPlan> Plans, long Bytes) Plan(SpaceCatalogue spaces, SearchRequest request, TorchSharp.torch.Device device, double seconds)
    {
        var (options, _) = SearchJob.Searchable(request.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        var ways = Ways(request, space, SearchLatency.Costs(space, request, size, device));
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        var (images, count) = Images.Batch(ImageSource.Open(request.Data), request.Images, size, request.Seed, device, request.Memory);
        using var _ = images;
        var (atOnce, bytes) = SearchMemory.Plan(space, request, ways[0].Strategy, size, count, processes: null);
        PrefixWalk.Prepare(networks, atOnce);
        using var scorer = new Scorer(networks, request.Tasks, images);
        var rate = WalkProbe.MacsPerSecond(networks, scorer, ways.Select(w => w.Strategy).OfType<CandidateSet>().First().All, images, seconds);
        var macs = new BlockMacs(space, size);
        var plans = ways.Select(way => SearchPlan.Of(way.Kind, way.PerBudget, way.Strategy, macs, request.Tasks.Count, count, rate)).ToList();
        return (plans, bytes);
    }

    /// <summary>The strategies that there are for the request, the most thorough first: of a list it is the list, and of a space too large to list it is not all of it.</summary>
    private static List<(StrategyKind Kind, int? PerBudget, IStrategy Strategy)> Ways(SearchRequest request, SearchSpace space, CostModel costs)
    {
        var ways = new List<(StrategyKind Kind, int? PerBudget, IStrategy Strategy)>();
        if (request.List is not null || space.Count <= CandidateSet.MostEnumerated) ways.Add((StrategyKind.Exhaustive, null, request.Strategy(space, costs)));
        else Output.Progress($"{space.Name} has {space.Count:N0} architectures: too many to rank them all");
        if (request.List is not null) return ways;
        var largest = ways is [(_, _, CandidateSet all)] ? all.Groups.Values.Max(g => g.Count) : int.MaxValue;
        ways.AddRange(SearchPlan.Numbers.Where(n => n.PerBudget < largest)
            .Select(n => (n.Strategy, (int?)n.PerBudget, (request with { Kind = n.Strategy, PerBudget = n.PerBudget }).Strategy(space, costs))));
        return ways;
    }

    private static void Print(SearchRequest request, IReadOnlyList<SearchPlan> plans, SearchPlan picked, long bytes)
    {
        Output.Line($"{"",-26}{"candidates",12}{"GMACs an image",16}{"one by one",14}{"time",10}");
        foreach (var p in plans)
            Output.Line($"{Name(request, p),-26}{p.Candidates,12:N0}{p.MacsPerImage / 1e9,16:N1}{p.OneByOneMacsPerImage / 1e9,14:N1}{Output.Short(TimeSpan.FromSeconds(p.Seconds)),10}{(p == picked ? "  <- picked" : "")}");
        Output.Line($"memory: about {bytes / 1048576.0:N0} MiB");
        Output.Line($"next:   {(request with { Kind = picked.Strategy, PerBudget = picked.PerBudget ?? 0, Folder = "FOLDER" }).CommandLine(request.Size)}");
    }

    private static string Name(SearchRequest request, SearchPlan plan) =>
        request.List is not null ? "list" : plan.PerBudget is { } n ? FormattableString.Invariant($"{Word(plan.Strategy)} {n:N0} a budget") : Word(plan.Strategy);

    private static string Word(StrategyKind kind) => kind.ToString().ToLowerInvariant();

    private static JsonObject ToJson(SearchRequest request, IReadOnlyList<SearchPlan> plans, SearchPlan picked, long bytes) => new()
    {
        ["strategies"] = new JsonArray([.. plans.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = Name(request, p),
            ["strategy"] = request.List is null ? Word(p.Strategy) : "list",
            ["perBudget"] = p.PerBudget,
            ["candidates"] = p.Candidates,
            ["macsPerImage"] = p.MacsPerImage,
            ["oneByOneMacsPerImage"] = p.OneByOneMacsPerImage,
            ["seconds"] = p.Seconds,
        })]),
        ["picked"] = Name(request, picked),
        ["memoryBytes"] = bytes,
    };
}
