using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Study;

/// <summary>
/// The file <c>study.jsonl</c>: first what is measured, then each subnet as soon as it is. A stopped study goes on from it.
/// </summary>
internal sealed class StudyFile
{
    private const string FileName = "study.jsonl";
    private const string Mend = "take the line out, or begin anew without --resume";
    private readonly Dictionary<Architecture, bool[]> known = [];
    private readonly string path;

    private StudyFile(string path) => this.path = path;

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <exception cref="UserException">What is there is of another study.</exception>
    public static StudyFile Open(string folder, SearchSpace space, IReadOnlyDictionary<string, string> identity, bool resume)
    {
        var file = new StudyFile(Path.Combine(folder, FileName));
        if (!resume) File.Delete(file.path);
        var lines = JsonLines.ReadSealed(file.path, $"an accuracy of a subnet of {space.Name}", Mend).ToList();
        if (lines.Count == 0)
        {
            JsonLines.Append(file.path, StreamIdentity.Line(identity));
            return file;
        }
        StreamIdentity.Check(file.path, lines[0].Entry, identity);
        foreach (var (number, line) in lines.Skip(1))
        {
            if (Known(line, space) is not var (architecture, right))
                throw new UserException($"{file.path}, line {number}: not an accuracy of a subnet of {space.Name}; {Mend}");
            if (!file.known.TryAdd(architecture, right))
                throw new UserException($"{file.path}, line {number}: {architecture} is there already; {Mend}");
        }
        return file;
    }

    /// <summary>The subnet of a line, and which of the test images it named rightly; null where it is no line of this file.</summary>
    private static (Architecture Architecture, bool[] Right)? Known(JsonObject line, SearchSpace space)
    {
        if (JsonText.Text(line, "architecture") is not { } text || line["top1"] is not JsonObject top1) return null;
        if (JsonText.Whole(top1, "right") is not (>= 0 and <= int.MaxValue and var right)
            || JsonText.Whole(top1, "of") is not (> 0 and <= int.MaxValue and var of))
            return null;
        return space.TryParse(text) is { } architecture
            && RightImages.Read(JsonText.Text(line, "images"), (int)of, (int)right) is { } images
            ? (architecture, images)
            : null;
    }

    /// <summary>Which of the test images a subnet named rightly; null where it was not measured yet.</summary>
    public bool[]? Of(Architecture architecture) => known.GetValueOrDefault(architecture);

    /// <summary>Adds a subnet; whole or, where the process is killed at that moment, not at all.</summary>
    public void Add(Architecture architecture, bool[] right, JsonObject measured)
    {
        measured.Insert(0, "architecture", architecture.ToString());
        measured.Add("images", RightImages.Text(right));
        JsonLines.Append(path, measured);
        known[architecture] = right;
    }
}
