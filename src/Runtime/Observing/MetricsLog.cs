using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Observing;

/// <summary>
/// A run's measurements: <c>metrics.jsonl</c>, one object a line with its <c>step</c>, and the same as TensorBoard events. A run that
/// continues from a checkpoint first drops what was logged after it, so that every step is logged once. A line that is damaged stays where
/// it is, and is told.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The file of lines in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>The file of TensorBoard events in a run's folder.</summary>
    public const string EventFileName = "events.out.tfevents.datassl";

    private const string StepKey = "step";

    private readonly GrowingFile lines;
    private readonly EventFile events;

    /// <summary>Opens the log of a run's folder at a step.</summary>
    /// <param name="notice">Told of lines that are damaged.</param>
    public MetricsLog(string folder, long step, Action<string>? notice = null)
    {
        var path = Path.Combine(folder, FileName);
        var kept = Kept(path, step, notice);
        AtomicFile.Write(path, file =>
        {
            foreach (var line in kept)
            {
                file.Write(line.Bytes);
                file.WriteByte((byte)'\n');
            }
        });
        lines = GrowingFile.Open(path, FileMode.OpenOrCreate, FileShare.Read);
        try
        {
            // Written anew from the lines: the one is derived from the other.
            events = new(Path.Combine(folder, EventFileName));
            foreach (var line in kept)
                if (StepOf(line) is not null) WriteEvents(line.Entry!);
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Adds one line; numbers become events, null values are left out.</summary>
    public void Write(long step, IEnumerable<(string Name, double? Value)> values)
    {
        var entry = new JsonObject { [StepKey] = step, ["time"] = Math.Round(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0, 3) };
        foreach (var (name, value) in values)
            if (value is { } number && double.IsFinite(number))
                entry[name] = number;
        lines.Add(JsonLines.Sealed(entry));
        WriteEvents(entry);
    }

    private static List<JsonLine> Kept(string path, long step, Action<string>? notice)
    {
        var (kept, damaged) = (new List<JsonLine>(), new List<int>());
        foreach (var line in JsonLines.Read(path))
        {
            var logged = StepOf(line);
            if (logged is null) damaged.Add(line.Number);
            if (logged is null || logged <= step) kept.Add(line);
        }
        if (damaged.Count > 0) notice?.Invoke($"{JsonLines.Damaged(path, damaged)}, not a measurement; kept as it is");
        return kept;
    }

    /// <summary>The step of a measurement; null for a line that is none, or damaged.</summary>
    private static long? StepOf(JsonLine line) => line is { IsSealed: true, Entry: { } entry } ? JsonText.Whole(entry, StepKey) : null;

    private void WriteEvents(JsonObject entry)
    {
        var scalars = entry.Where(e => e.Key is not (StepKey or "time") && e.Value is JsonValue v && v.TryGetValue<double>(out _))
            .Select(e => (e.Key, (float)e.Value!.GetValue<double>()));
        events.Write(JsonText.Number(entry, "time") ?? 0, entry[StepKey]!.GetValue<long>(), scalars);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lines.Dispose();
        events.Dispose();
    }
}
