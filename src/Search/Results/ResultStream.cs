using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using Architecture = DataSsl.Runtime.Architecture;

namespace DataSsl.Search.Results;

/// <summary>
/// The file <c>search.jsonl</c>: first what was searched, then each candidate as soon as it is scored. A killed search goes on from it, since a score does not depend on what else is walked.
/// Processes that search together write a file each.
/// </summary>
public sealed class ResultStream : IDisposable
{
    public const string FileName = "search.jsonl";

    private readonly FileStream file;
    private readonly IReadOnlyList<string> tasks;

    /// <summary>Opens the file of one process and writes what is searched, unless it says so already.</summary>
    public ResultStream(string path, IReadOnlyDictionary<string, string> identity, IReadOnlyList<string> tasks)
    {
        this.tasks = tasks;
        file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        DropHalfALine();
        if (file.Length == 0) Write(StreamIdentity.Line(identity));
    }

    /// <summary>The file of a process; the first one's has the plain name.</summary>
    public static string PathOf(string folder, int rank) => Path.Combine(folder, rank == 0 ? FileName : $"search.{rank.ToString(CultureInfo.InvariantCulture)}.jsonl");

    /// <summary>The files that are there, the first process's first.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "search*.jsonl").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)] : [];

    /// <summary>Adds a candidate; whole or, where the process is killed at that moment, not at all.</summary>
    public void Add(Architecture architecture, Scored scored)
    {
        var scores = new JsonObject(tasks.Zip(scored.Scores, (task, score) => KeyValuePair.Create(task, (JsonNode?)Number(score))));
        Write(new() { ["architecture"] = architecture.ToString(), ["scores"] = scores, ["units"] = Convert.ToBase64String(MemoryMarshal.AsBytes(scored.Units.AsSpan())) });
    }

    /// <summary>The candidates that a file holds; half a last line, as a killed process leaves it, does not count.</summary>
    /// <exception cref="UserException">The file is of another search, or damaged.</exception>
    public static IEnumerable<(Architecture Architecture, Scored Scored)> Read(string path, IReadOnlyDictionary<string, string> identity, SearchSpace space, IReadOnlyList<string> tasks)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (JsonLines.Parse(line) is not { } entry) continue;
            if (number == 1)
            {
                StreamIdentity.Check(path, entry, identity);
                continue;
            }
            if (Scored(entry, space, tasks) is { } scored) yield return scored;
            else throw new UserException($"{path}, line {number}: not a candidate of {space.Name}; delete the file to search from the start");
        }
    }

    public void Dispose() => file.Dispose();

    private static (Architecture, Scored)? Scored(JsonObject entry, SearchSpace space, IReadOnlyList<string> tasks)
    {
        if (entry["architecture"] is not JsonValue architecture || entry["scores"] is not JsonObject scores || entry["units"] is not JsonValue text) return null;
        try
        {
            var units = MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(text.ToString())).ToArray();
            return (space.Parse(architecture.ToString()), new([.. tasks.Select(t => double.Parse(scores[t]?.ToString() ?? "", CultureInfo.InvariantCulture))], units));
        }
        catch (Exception e) when (e is FormatException or UserException)
        {
            return null;
        }
    }

    /// <summary>JSON has no word for what is no number.</summary>
    private static JsonNode Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Handed to the system at once: what a killed process wrote stays.</summary>
    private void Write(JsonObject entry)
    {
        file.Write(Encoding.UTF8.GetBytes(entry.ToJsonString(JsonLines.OneLine) + "\n"));
        file.Flush();
    }

    private void DropHalfALine()
    {
        var end = file.Length;
        for (; end > 0; end--)
        {
            file.Seek(end - 1, SeekOrigin.Begin);
            if (file.ReadByte() == '\n') break;
        }
        file.SetLength(end);
        file.Seek(end, SeekOrigin.Begin);
    }
}
