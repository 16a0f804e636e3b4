using DataSsl.Runtime.Training;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Searching;

/// <summary>
/// Whether what a report takes beside a search is of the run whose checkpoint was searched: its page would show another's as if it were the
/// search's own.
/// </summary>
internal static class SearchedRun
{
    /// <summary>The fact of a verdict that says which checkpoint its winner's weights are of.</summary>
    public const string WinnersCheckpointKey = "winner's checkpoint";

    /// <summary>What stands there where it is of none, or that is not known.</summary>
    public const string Unknown = "unknown";

    /// <summary>Why a verdict is of another space or checkpoint; null where nothing speaks for that.</summary>
    public static string? Problem(SearchResult result, VerdictReport verdict)
    {
        var winner = verdict.Rows[^1];
        if (winner.Space != result.Space) return $"its winner is of {winner.Space}, and the search of {result.Space}";
        var (of, searched) = (verdict.Provenance.GetValueOrDefault(WinnersCheckpointKey), HashOf(result));
        return of is null or Unknown || searched is null || of == searched
            ? null
            : $"its winner is of another checkpoint ({of}) than was searched ({searched})";
    }

    /// <summary>Why the run of a folder is another; null where nothing speaks for that.</summary>
    /// <param name="notice">Told where it cannot be known.</param>
    public static string? Problem(SearchResult result, string folder, Action<string> notice)
    {
        if (HashOf(result) is not { } searched) return null;
        var newest = Path.Combine(folder, CheckpointFolder.NewestFile);
        if (!File.Exists(newest))
        {
            notice("nothing beside it says which run it is of");
            return null;
        }
        // What was searched may be the best, or one before the newest.
        var name = Path.GetFileName(result.Provenance.GetValueOrDefault(Provenance.Checkpoint));
        if (
            Directory.EnumerateFiles(folder, "*.safetensors").OrderBy(path => Path.GetFileName(path) != name)
                .Any(path => Checkpoint.Hash(path) == searched))
            return null;
        var (options, step) = Checkpoint.Describe(newest);
        if (options.SpaceHash != result.SpaceHash)
            return $"a run of {options.Space} ({options.SpaceHash}), and the search is of {result.Space} ({result.SpaceHash})";
        if (result.Provenance.GetValueOrDefault(Provenance.TrainingData) is { } data
            && !data.EndsWith($"({options.DataFingerprint[..16]})", StringComparison.Ordinal))
            return $"a run on {options.Data} ({options.DataFingerprint[..16]}), and what was searched learnt from {data}";
        if (long.TryParse(result.Provenance.GetValueOrDefault(Provenance.TrainingSteps), out var steps) && step <= steps)
            return $"another run than was searched: none of its checkpoints is ({searched})";
        notice($"its checkpoint is not the one that was searched ({searched}): either the run went on, or it is another");
        return null;
    }

    private static string? HashOf(SearchResult result) => result.Provenance.GetValueOrDefault(Provenance.CheckpointHash);
}
