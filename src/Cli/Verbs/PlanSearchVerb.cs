using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search;
using DataSsl.Search.Candidates;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan search</c>: what each way of searching would take, before one is begun.</summary>
internal static class PlanSearchVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SearchVerbOptions();
        var probe = new Option<double>("--probe") { Description = "Seconds to walk for as a trial.", DefaultValueFactory = _ => 10, HelpName = "SECONDS" };
        var within = new Option<double>("--within") { Description = "Hours that the search may take.", DefaultValueFactory = _ => 1, HelpName = "HOURS" };
        var json = Options.Json();
        var command = new Command("search", "Tell the time and memory of ranking all candidates and of ranking random draws of them on this machine, and pick.");
        foreach (var option in o.All.Except([o.Out, o.CompareDomain, o.Resume, o.Candidates])) command.Add(option);
        foreach (var option in new Option[] { probe, within, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var request = o.Read(parsed, folder: "");
            var seconds = Options.Number(parsed, probe, above: 0);
            var limit = Options.Number(parsed, within, above: 0) * 3600;
            var (plans, bytes) = Plan(spaces, request, Options.FindDevice(parsed.GetValue(o.Device)!), seconds);
            var picked = SearchPlan.Pick(plans, limit);
            if (parsed.GetValue(json)) Output.Json(ToJson(plans, picked, bytes));
            else Print(plans, picked, bytes);
            return 0;
        });
        return command;
    }

    private static (IReadOnlyList<SearchPlan> Plans, long Bytes) Plan(SpaceCatalogue spaces, SearchRequest request, TorchSharp.torch.Device device, double seconds)
    {
        var (options, _) = SearchVerb.Searchable(request.Checkpoint);
        var space = spaces.Find(options.Space);
        var size = space.CheckSize(request.Size ?? options.Size);
        foreach (var task in request.Tasks) task.MustSuit(space);
        var all = request.Candidates(space, size);
        using var networks = Checkpoint.LoadNetworks(request.Checkpoint, space, device);
        var (images, count) = Images.Batch(ImageSource.Open(request.Data), request.Images, size, request.Seed, device);
        using var _ = images;
        var here = ProcessMemory.NowBytes();
        var atOnce = SearchMemory.ImagesAtOnce(space, request, all.All, size, count, processes: null);
        (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (atOnce, atOnce);
        using var scorer = new Scorer(networks, request.Tasks, images);
        var rate = WalkProbe.MacsPerSecond(networks, scorer, all.All, images, seconds);
        var plans = SearchPlan.Of(all, n => (request with { PerBudget = n }).Candidates(space, size), new(space, size), count, rate);
        return (plans, here + new WalkMemory(space, request.Tasks, size).Peak(all.All, count, atOnce));
    }

    private static void Print(IReadOnlyList<SearchPlan> plans, SearchPlan picked, long bytes)
    {
        Output.Line($"{"",-24}{"candidates",12}{"GMACs an image",16}{"one by one",14}{"time",10}");
        foreach (var p in plans)
            Output.Line($"{p.Name,-24}{p.Candidates,12:N0}{p.MacsPerImage / 1e9,16:N1}{p.OneByOneMacsPerImage / 1e9,14:N1}{Output.Short(TimeSpan.FromSeconds(p.Seconds)),10}{(p == picked ? "  <- picked" : "")}");
        Output.Line($"memory: about {bytes / 1048576.0:N0} MiB");
        Output.Line($"next:   datassl search with the same options, --candidates {picked.PerBudget?.ToString(CultureInfo.InvariantCulture) ?? "all"} and --out FOLDER");
    }

    private static JsonObject ToJson(IReadOnlyList<SearchPlan> plans, SearchPlan picked, long bytes) => new()
    {
        ["strategies"] = new JsonArray([.. plans.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = p.Name,
            ["perBudget"] = p.PerBudget,
            ["candidates"] = p.Candidates,
            ["macsPerImage"] = p.MacsPerImage,
            ["oneByOneMacsPerImage"] = p.OneByOneMacsPerImage,
            ["seconds"] = p.Seconds,
        })]),
        ["picked"] = picked.Name,
        ["memoryBytes"] = bytes,
    };
}
