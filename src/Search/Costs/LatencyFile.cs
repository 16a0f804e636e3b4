using System.Text.Json;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Costs;

/// <summary>The file <c>latency.json</c>: what was timed, so that a search that goes on has the same budgets.</summary>
internal sealed class LatencyFile
{
    /// <summary>No network takes an hour for one image.</summary>
    private const double MostSeconds = 3600;

    private readonly IReadOnlyDictionary<string, string> identity;
    private string? path;

    private LatencyFile(IReadOnlyDictionary<string, string> identity) => this.identity = identity;

    /// <summary>Seconds by the text of a shape.</summary>
    public SortedDictionary<string, double> Blocks { get; } = new(StringComparer.Ordinal);

    /// <summary>Seconds of whole networks by architecture.</summary>
    public SortedDictionary<string, double> Whole { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads what a file has; nothing where there is none.</summary>
    /// <exception cref="UserException">The file is of another device, space or size, or damaged.</exception>
    public static LatencyFile Open(string? known, IReadOnlyDictionary<string, string> identity)
    {
        var file = new LatencyFile(identity);
        if (known is null || !Path.Exists(known)) return file;
        return SealedJson.Read(known, "no such file", "a file of times", "delete it to time again", text =>
        {
            var root = JsonText.Object(text);
            StreamIdentity.Check(known, Object(root, "of"), identity);
            foreach (var (name, times) in new[] { ("blocks", file.Blocks), ("whole", file.Whole) })
            {
                var read = Object(root, name);
                foreach (var (of, _) in read)
                    times[of] = JsonText.Number(read, of) is >= 0 and <= MostSeconds and var seconds
                        ? seconds
                        : throw new JsonException($"'{of}' of '{name}' is no time");
            }
            return file;
        });
    }

    private static JsonObject Object(JsonObject root, string name) => root[name] as JsonObject ?? throw new JsonException($"no '{name}'");

    public void Keep(string to)
    {
        path = to;
        Write();
    }

    public double AddWhole(string architecture, double seconds)
    {
        Whole[architecture] = seconds;
        if (path is not null) Write();
        return seconds;
    }

    private void Write()
    {
        var root = new JsonObject { ["of"] = StreamIdentity.Line(identity), ["blocks"] = Times(Blocks), ["whole"] = Times(Whole) };
        SealedJson.Write(path!, root.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }));

        static JsonObject Times(SortedDictionary<string, double> times) =>
            new(times.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)JsonValue.Create(t.Value))));
    }
}
