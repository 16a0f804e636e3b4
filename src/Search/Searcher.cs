using System.Diagnostics;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Search;

/// <summary>Ranks the candidates of each budget by their distance to the largest network on the user's images, for each task at once.</summary>
public static class Searcher
{
    /// <param name="networks">The trained supernet with its teacher.</param>
    /// <param name="images">Search images [N, 3, S, S].</param>
    /// <param name="report">Called after each candidate with how many are scored.</param>
    public static SearchResult Run(
        NetworkPair networks, Tensor images, CandidateSet candidates, IReadOnlyList<SearchTask> tasks,
        IReadOnlyDictionary<string, string> provenance, Action<int> report, CancellationToken cancellation = default)
    {
        var (space, size, watch) = (networks.Space, (int)images.shape[3], Stopwatch.StartNew());
        using var scorer = new Scorer(networks, tasks, images);
        var scored = new Dictionary<Architecture, Candidate>();
        var blocks = PrefixWalk.Run(networks, scorer, candidates.All, images, (architecture, scores) =>
        {
            scored.Add(architecture, new(
                architecture.ToString(), space.IndexOf(architecture), space.Macs(architecture, size), space.Parameters(architecture), scores));
            report(scored.Count);
        }, cancellation);
        var alone = candidates.All.Sum(a => Enumerable.Range(0, space.Segments.Count).Sum(s => (long)a.Depth(s)));
        var facts = new Dictionary<string, string>(provenance)
        {
            ["blocks computed"] = $"{blocks:N0} of {alone:N0} (shared prefixes once)",
            ["libtorch"] = DataSsl.Torch.LibtorchInfo.Version,
        };
        return new(
            space.Name, space.Hash, size,
            tasks.Select(t => new TaskInfo(t.Name, t.Features, t.Metric)).ToList(),
            candidates.All.Select(a => scored[a]).ToList(),
            Winners(candidates, tasks, scored),
            References(space, size), facts, watch.Elapsed.TotalSeconds);
    }

    private static List<Winner> Winners(CandidateSet candidates, IReadOnlyList<SearchTask> tasks, Dictionary<Architecture, Candidate> scored)
    {
        var winners =
            from task in tasks
            from @group in candidates.Groups
            let best = @group.Value.Select(a => scored[a]).OrderByDescending(c => c.Scores[task.Name]).ThenBy(c => c.Macs).ThenBy(c => c.Index).First()
            select new Winner(task.Name, @group.Key.ToString(), best, @group.Value.Count);
        return winners.ToList();
    }

    private static List<Reference> References(SearchSpace space, int size) =>
        space.Anchors.Select(a => (a.Name, Architecture: space.Parse(a.Name))).Append(("Max", space.Max)).Append(("Min", space.Min))
            .Select(r => new Reference(r.Item1, r.Item2.ToString(), space.Macs(r.Item2, size), space.Parameters(r.Item2))).ToList();
}
