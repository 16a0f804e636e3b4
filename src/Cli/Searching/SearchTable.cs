using DataSsl.Cli.Recipes;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Searching;

/// <summary>What a search prints.</summary>
internal static class SearchTable
{
    public static void Print(SearchResult result, SearchRequest request)
    {
        var folder = request.Folder;
        PrintWinners(result);
        if (result.Latencies is { Count: > 0 } checks)
            Output.Line(
                $"latency is foretold from single blocks; of {checks.Count:N0} networks timed whole it is off by {100 * checks.Average(c => Math.Abs(c.Error)):0} % on average, {100 * checks.Max(c => Math.Abs(c.Error)):0} % at most");
        foreach (var d in result.Domains ?? [])
            Output.Line(
                $"{d.Task}, {d.Budget}: Spearman {d.Spearman:0.000} with {d.Data}; its winner is number {d.OtherWinnerRankHere:N0} of {d.Members:N0} here, ours number {d.WinnerRankThere:N0} there");
        Output.Line($"report: {Path.Combine(folder, SearchFiles.Report)}");
        Output.Line(
            $"next:   {NextCommand.Of("emit", "--search", Path.Combine(folder, SearchFiles.Result), "--out", Path.Combine(folder, "winners"))}");
        if (Alone(result, request) is { } alone)
            Output.Line($"better: {alone}   # the first winner trained on by itself, then 'emit --checkpoint' of that");
    }

    /// <summary>
    /// What lets a winner regain what it lost by sharing its weights: the run's own recipe once more, for that one network, from its slice.
    /// Null where the run has kept no recipe, or nothing has won.
    /// </summary>
    private static string? Alone(SearchResult result, SearchRequest request)
    {
        var run = Path.GetDirectoryName(Path.GetFullPath(request.Checkpoint))!;
        var recipe = Path.Combine(run, RecipeText.FileName);
        return !File.Exists(recipe) || result.Winners is not [var first, ..] ? null : NextCommand.Of(
            "train", "--recipe", recipe, "--from", request.Checkpoint, "--arch", first.Candidate.Architecture.ToString(), "--out",
            Path.Combine(request.Folder, "alone"));
    }

    public static void PrintWinners(SearchResult result)
    {
        var budget = Math.Max(12, 1 + result.Winners.Select(w => w.Budget.Length).DefaultIfEmpty().Max());
        Output.Line($"{"task",-16}{"budget".PadRight(budget)}{"of",7}{"MMACs",10}{"M params",10}{"score",10}  architecture");
        foreach (var w in result.Winners)
        {
            var c = w.Candidate;
            Output.Line(
                $"{w.Task,-16}{w.Budget.PadRight(budget)}{w.Members,7:N0}{c.Macs / 1e6,10:0.0}{c.Parameters / 1e6,10:0.00}{c.Scores[w.Task],10:0.0000}  {c.Architecture}");
            if (result.Latencies?.FirstOrDefault(l => l.Architecture == c.Architecture) is { } time)
                Output.Line(
                    $"{"",16}latency: {1000 * time.Measured:0.00} ms timed whole, {1000 * time.Predicted:0.00} ms foretold ({100 * time.Error:+0;-0} %)");
            if (w.Confidence is not { } sure) continue;
            var others = sure.Tied.Count - 1;
            Output.Line(
                $"{"",16}95 %: {sure.Low:0.0000} to {sure.High:0.0000}; {(others > 0 ? $"{others:N0} more cannot be told from it" : "all others are worse")}");
            if (w.TooNear is { Count: > 0 } near)
                Output.Line(
                    $"{"",16}{near.Count:N0} of {w.Members:N0} are as like the teacher as the largest network itself{(near.Contains(c.Index) ? ", the winner among them" : "")}: likeness cannot rank these");
            if (sure.Cheapest.Architecture != c.Architecture)
                Output.Line(
                    $"{"",16}cheapest of them: {sure.Cheapest.Macs / 1e6:0.0} MMACs, score {sure.Cheapest.Scores[w.Task]:0.0000}  {sure.Cheapest.Architecture}");
        }
        if (result.Winners.Count > 0 && result.Winners.All(w => w.Confidence is null))
            Output.Line(
                $"{"",16}one image says nothing of others: no intervals, and no word of who cannot be told from a winner; give --images");
    }
}
