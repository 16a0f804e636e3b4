using System.Globalization;

namespace DataSsl.Runtime.Training;

/// <summary>
/// The checkpoints of a run's folder: the newest, <c>checkpoint.safetensors</c>; those before it, <c>checkpoint-STEP.safetensors</c>; and,
/// where a run is evaluated on the way, the best, <c>best.safetensors</c>.
/// </summary>
public sealed class CheckpointFolder(string folder, int keep)
{
    /// <summary>Name of the newest checkpoint.</summary>
    public const string NewestFile = "checkpoint.safetensors";

    /// <summary>Name of the best checkpoint.</summary>
    public const string BestFile = "best.safetensors";

    /// <summary>What a path means: a file itself, or the newest checkpoint of a run's folder.</summary>
    public static string FileOf(string path) => Directory.Exists(path) ? Path.Combine(path, NewestFile) : path;

    /// <summary>Path of the newest checkpoint, whether or not there is one.</summary>
    public string Newest => Path.Combine(folder, NewestFile);

    /// <summary>Path of the best checkpoint, whether or not there is one.</summary>
    public string Best => Path.Combine(folder, BestFile);

    /// <summary>The step of the newest checkpoint when its own name will have to say it; -1 where there is none.</summary>
    private long newestStep = -1;

    /// <summary>Writes the newest checkpoint; the one that was it goes down the line, and the last of the line goes.</summary>
    public void Save(Pretraining model, TrainOptions options, long step)
    {
        var before = keep > 1 && newestStep >= 0 && newestStep != step ? Older(newestStep) : null;
        Checkpoint.Save(Newest, model, options, step, before);
        newestStep = step;
        foreach (var old in Earlier().Skip(keep - 1)) File.Delete(old);
    }

    /// <summary>Writes the best checkpoint, if the score is above that of the one that is there.</summary>
    public void SaveIfBest(Pretraining model, TrainOptions options, long step, double score)
    {
        if (File.Exists(Best) && Checkpoint.ScoreOf(Best) >= score) return;
        Checkpoint.Save(Best, model, options, step, score: score);
    }

    /// <summary>
    /// Calls <paramref name="load"/> with the newest checkpoint, or the newest that is not damaged; returns null where there is none.
    /// </summary>
    /// <param name="load">Loads a checkpoint and returns its step.</param>
    /// <param name="notice">Told about each one that had to be passed over.</param>
    /// <exception cref="DamagedFileException">All are damaged; the message is the newest one's.</exception>
    public long? LoadNewest(Func<string, long> load, Action<string> notice)
    {
        DamagedFileException? first = null;
        foreach (var path in Earlier().Prepend(Newest).Where(File.Exists))
        {
            try
            {
                var step = load(path);
                if (first is not null) notice($"continuing from {path}, saved after step {step}");
                newestStep = path == Newest ? step : -1;
                return step;
            }
            catch (DamagedFileException e)
            {
                notice(e.Message);
                first ??= e;
            }
        }
        return first is null ? null : throw first;
    }

    /// <summary>The checkpoints before the newest, the latest first.</summary>
    private IEnumerable<string> Earlier() =>
        Directory.EnumerateFiles(folder, "checkpoint-*.safetensors").OrderByDescending(path => path.Length)
            .ThenByDescending(path => path, StringComparer.Ordinal).ToList();

    private string Older(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"checkpoint-{step}.safetensors"));
}
