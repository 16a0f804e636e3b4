using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Observing;

/// <summary>
/// A run's measurements: <c>metrics.jsonl</c>, one object a line with its <c>step</c>, and the same as TensorBoard events. A run that continues from a checkpoint first drops what
/// was logged after it, so that every step is logged once.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    public const string FileName = "metrics.jsonl";
    public const string EventFileName = "events.out.tfevents.datassl";

    private readonly StreamWriter lines;
    private readonly EventFile events;

    /// <summary>Opens the log of a run's folder at a step.</summary>
    public MetricsLog(string folder, long step)
    {
        var path = Path.Combine(folder, FileName);
        var kept = Kept(path, step);
        AtomicFile.WriteText(path, string.Concat(kept.Select(entry => entry.ToJsonString() + "\n")));
        lines = new(path, append: true) { AutoFlush = true, NewLine = "\n" };
        try
        {
            // Written anew from the lines: the one is derived from the other.
            events = new(Path.Combine(folder, EventFileName));
            foreach (var entry in kept) WriteEvents(entry);
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
        var entry = new JsonObject { ["step"] = step, ["time"] = Math.Round(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0, 3) };
        foreach (var (name, value) in values)
            if (value is { } number && double.IsFinite(number))
                entry[name] = number;
        lines.WriteLine(entry.ToJsonString());
        WriteEvents(entry);
    }

    private static List<JsonObject> Kept(string path, long step)
    {
        if (!File.Exists(path)) return [];
        var kept = new List<JsonObject>();
        foreach (var line in File.ReadLines(path))
        {
            // A killed process may leave half of its last line.
            if (JsonLines.Parse(line) is not { } entry || entry["step"] is not JsonValue at || !at.TryGetValue<long>(out var logged) || logged > step) break;
            kept.Add(entry);
        }
        return kept;
    }

    private void WriteEvents(JsonObject entry)
    {
        var scalars = entry.Where(e => e.Key is not ("step" or "time") && e.Value is JsonValue v && v.TryGetValue<double>(out _)).Select(e => (e.Key, (float)e.Value!.GetValue<double>()));
        events.Write(entry["time"] is JsonValue time && time.TryGetValue<double>(out var seconds) ? seconds : 0, entry["step"]!.GetValue<long>(), scalars);
    }

    public void Dispose()
    {
        lines.Dispose();
        events.Dispose();
    }
}
