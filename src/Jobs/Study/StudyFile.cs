using System.Text;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Study;

/// <summary>
/// The file <c>study.jsonl</c>: first what is measured, then each subnet as soon as it is. A stopped study goes on from it.
/// </summary>
internal sealed class StudyFile
{
    private const string FileName = "study.jsonl";
    private const string Mend = "take the line out, or begin anew without --resume";
    private readonly Dictionary<Architecture, StudyOutcome> known = [];
    private readonly string path;
    private readonly string what;
    private readonly Func<JsonObject, StudyOutcome?> read;

    private StudyFile(string path, string what, Func<JsonObject, StudyOutcome?> read) =>
        (this.path, this.what, this.read) = (path, what, read);

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <param name="read">What a line says of its subnet; null where it is none of such a study.</param>
    /// <exception cref="UserException">What is there is of another study.</exception>
    public static StudyFile Open(
        string folder, SearchSpace space, IReadOnlyDictionary<string, string> identity, bool resume, Func<JsonObject, StudyOutcome?> read)
    {
        var file = new StudyFile(Path.Combine(folder, FileName), $"what was measured of a subnet of {space.Name}", read);
        if (!resume) File.Delete(file.path);
        var lines = JsonLines.ReadSealed(file.path, file.what, Mend).ToList();
        if (lines.Count == 0)
        {
            JsonLines.Append(file.path, StreamIdentity.Line(identity));
            return file;
        }
        StreamIdentity.Check(file.path, lines[0].Entry, identity);
        foreach (var (number, line) in lines.Skip(1))
        {
            if (JsonText.Text(line, "architecture") is not { } text || space.TryParse(text) is not { } architecture
                || read(line) is not { } outcome)
                throw new UserException($"{file.path}, line {number}: not {file.what}; {Mend}");
            if (!file.known.TryAdd(architecture, outcome))
                throw new UserException($"{file.path}, line {number}: {architecture} is there already; {Mend}");
        }
        return file;
    }

    /// <summary>What was found of a subnet; null where it was not measured yet.</summary>
    public StudyOutcome? Of(Architecture architecture) => known.GetValueOrDefault(architecture);

    /// <summary>Adds a subnet; whole or, where the process is killed at that moment, not at all.</summary>
    /// <param name="measured">What the measure says of it, as it is read again.</param>
    public StudyOutcome Add(Architecture architecture, JsonObject measured)
    {
        // From text: in memory numbers have types of their own, by which they are found or not.
        var text = measured.ToJsonString(JsonLines.OneLine);
        var outcome = read(JsonText.Object(Encoding.UTF8.GetBytes(text)))
            ?? throw new InvalidOperationException($"{architecture}: not {what}: {text}");
        measured.Insert(0, "architecture", architecture.ToString());
        JsonLines.Append(path, measured);
        return known[architecture] = outcome;
    }
}
