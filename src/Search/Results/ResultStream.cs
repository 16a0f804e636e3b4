using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Results;

/// <summary>
/// The file <c>search.jsonl</c>: first what was searched, then each candidate as soon as it is scored. A killed search goes on from it,
/// since a score does not depend on what else is walked. Processes that search together write a file each.
/// </summary>
public sealed class ResultStream : IDisposable
{
    /// <summary>The file of the first process in a search's folder.</summary>
    public const string FileName = "search.jsonl";

    private const string Mend = "take the line out, or delete the file to search from the start";

    private readonly GrowingFile file;
    private readonly IReadOnlyList<string> tasks;

    /// <summary>Opens the file of one process and writes what is searched, unless it says so already.</summary>
    public ResultStream(string path, IReadOnlyDictionary<string, string> identity, IReadOnlyList<string> tasks)
    {
        this.tasks = tasks;
        file = GrowingFile.Open(path, FileMode.OpenOrCreate, FileShare.Read);
        try
        {
            file.MendLastLine();
            if (file.IsEmpty) Write(StreamIdentity.Line(identity));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file of a process; the first one's has the plain name.</summary>
    public static string PathOf(string folder, int rank) =>
        Path.Combine(folder, rank == 0 ? FileName : $"search.{rank.ToString(CultureInfo.InvariantCulture)}.jsonl");

    /// <summary>The files that are there, the first process's first.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "search*.jsonl").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)]
            : [];

    /// <summary>Adds a candidate; whole or, where the process is killed at that moment, not at all.</summary>
    public void Add(Architecture architecture, Scored scored)
    {
        var scores = new JsonObject(tasks.Zip(scored.Scores, (task, score) => KeyValuePair.Create(task, (JsonNode?)score)));
        Write(
            new()
            {
                ["architecture"] = architecture.ToString(),
                ["scores"] = scores,
                ["units"] = Convert.ToBase64String(MemoryMarshal.AsBytes(scored.Units.AsSpan())),
            });
    }

    /// <summary>The candidates that a file holds; half a last line, as a killed process leaves it, does not count.</summary>
    /// <param name="units">Units of images of a task.</param>
    /// <exception cref="UserException">The file is of another search, or damaged.</exception>
    public static IEnumerable<(Architecture Architecture, Scored Scored)> Read(
        string path, IReadOnlyDictionary<string, string> identity, SearchSpace space, IReadOnlyList<string> tasks, int units)
    {
        var lines = new Dictionary<Architecture, int>();
        foreach (var (number, entry) in JsonLines.ReadSealed(path, $"a candidate of {space.Name}", Mend))
        {
            if (number == 1) StreamIdentity.Check(path, entry, identity);
            else if (Scored(entry, space, tasks, units) is var (architecture, scored))
                yield return lines.TryAdd(architecture, number)
                    ? (architecture, scored)
                    : throw new UserException(
                        $"{path}, line {number}: {architecture} is there already, in line {lines[architecture]}; {Mend}");
            else throw new UserException($"{path}, line {number}: not a candidate of {space.Name}; {Mend}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static (Architecture, Scored)? Scored(JsonObject entry, SearchSpace space, IReadOnlyList<string> tasks, int units)
    {
        if (JsonText.Text(entry, "architecture") is not { } architecture || entry["scores"] is not JsonObject scores
            || JsonText.Text(entry, "units") is not { } text)
            return null;
        var values = new double[tasks.Count];
        for (var task = 0; task < tasks.Count; task++)
        {
            if (JsonText.Number(scores, tasks[task]) is not { } score) return null;
            values[task] = score;
        }
        var bytes = new byte[tasks.Count * units * sizeof(float)];
        if (!Convert.TryFromBase64String(text, bytes, out var written) || written != bytes.Length) return null;
        return space.TryParse(architecture) is { } known ? (known, new(values, MemoryMarshal.Cast<byte, float>(bytes).ToArray())) : null;
    }

    private void Write(JsonObject entry) => file.Add(JsonLines.Sealed(entry));
}
