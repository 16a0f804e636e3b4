using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>The file <c>study.jsonl</c>: first what is measured, then each subnet as soon as it is. A stopped study goes on from it.</summary>
internal sealed class StudyFile
{
    private const string FileName = "study.jsonl";
    private readonly Dictionary<Architecture, JsonObject> known = [];
    private readonly string path;

    private StudyFile(string path) => this.path = path;

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <exception cref="UserException">What is there is of another study.</exception>
    public static StudyFile Open(string folder, SearchSpace space, IReadOnlyDictionary<string, string> identity, bool resume)
    {
        var file = new StudyFile(Path.Combine(folder, FileName));
        if (!resume) File.Delete(file.path);
        // Half a line, as a killed process leaves it, does not count.
        var lines = File.Exists(file.path) ? File.ReadLines(file.path).Select(JsonLines.Parse).OfType<JsonObject>().ToList() : [];
        if (lines.Count == 0)
        {
            JsonLines.Append(file.path, StreamIdentity.Line(identity));
            return file;
        }
        StreamIdentity.Check(file.path, lines[0], identity);
        foreach (var line in lines.Skip(1)) file.known[space.Parse(line["architecture"]!.ToString())] = line;
        return file;
    }

    /// <summary>What was measured of a subnet; null where nothing was.</summary>
    public JsonObject? Of(Architecture architecture) => known.GetValueOrDefault(architecture);

    /// <summary>Adds a subnet; whole or, where the process is killed at that moment, not at all.</summary>
    public JsonObject Add(Architecture architecture, JsonObject measured)
    {
        measured.Insert(0, "architecture", architecture.ToString());
        JsonLines.Append(path, measured);
        return known[architecture] = measured;
    }
}
