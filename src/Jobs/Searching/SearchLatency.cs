using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>Times the device for a search whose budgets limit latency.</summary>
internal static class SearchLatency
{
    private const string FileName = "latency.json";

    /// <summary>The costs that budgets are of, with the device's times where one limits latency.</summary>
    /// <param name="searchSize">Side of the search images, for which costs are counted where the request names no other.</param>
    /// <param name="processes">The first of them times while the others wait, and they take its times.</param>
    public static CostModel Costs(SearchSpace space, SearchRequest request, int searchSize, Device device, ProcessGroup? processes = null)
    {
        var size = request.CostSize is { } own ? space.CheckSize(own, "--cost-size") : searchSize;
        var forms = request.BudgetsOf(space).SelectMany(budget => budget.Limits).Where(limit => limit.Measure == Measure.Latency)
            .Select(limit => limit.Form).Distinct().ToList();
        if (forms.Count == 0) return size;
        var form = forms is [var only]
            ? only
            : throw new UserException(
                $"--budgets: a search times one form of its candidates, and these name {string.Join(" and ", forms.Select(BudgetText.NameOf))}");
        if (form != LatencyForm.Folded && device.type != DeviceType.CPU)
            throw new UserException($"--budgets: latency@{BudgetText.NameOf(form)} is of the CPU; give --device cpu");
        var path = Path.Combine(request.Folder, FileName);
        if (processes is { Rank: > 0 }) processes.Barrier();
        var listed = request.List is null ? null : CandidateFile.Read(space, request.List);
        ProgressLine? progress = null;
        var table = LatencyTable.Measure(
            space, size, form, listed, device, request.Resume || processes is { Rank: > 0 } ? path : null,
            (done, total) => (progress ??= new(total, "networks timed by their blocks")).Report(done));
        if (processes is { Rank: 0 })
        {
            RunFolder.Take(request.Folder);
            table.Keep(path);
            processes.Barrier();
        }
        Notices.Tell($"latency: {table.Description}");
        return new(size, table);
    }

    /// <summary>Writes the times into the search's folder.</summary>
    public static void Keep(CostModel costs, SearchRequest request) => costs.Latency?.Keep(Path.Combine(request.Folder, FileName));
}
