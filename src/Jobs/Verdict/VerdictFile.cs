using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Verdict;

/// <summary>
/// The file <c>verdict.jsonl</c>: first what is measured, then each figure of each network and seed as soon as it is, and the networks'
/// times. A stopped verdict goes on from it, also with more networks, shares or seeds.
/// </summary>
internal sealed class VerdictFile
{
    private const string FileName = "verdict.jsonl";
    private const string Mend = "take the line out, or begin anew without --resume";
    private const double MostSeconds = 1e9;
    private const int LineBytes = 600, PageBytes = 1 << 16;
    private readonly Dictionary<VerdictCell, bool[]> known = [];
    private readonly Dictionary<(string Machine, string Networks), IReadOnlyList<(double Seconds, long WeightBytes)>> times = [];
    private readonly string path;

    private VerdictFile(string path) => this.path = path;

    /// <summary>Seconds that all its lines took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <param name="images">How many test images there are.</param>
    /// <exception cref="UserException">What is there is of another verdict.</exception>
    public static VerdictFile Open(string folder, int images, IReadOnlyDictionary<string, string> identity, bool resume)
    {
        var file = new VerdictFile(Path.Combine(folder, FileName));
        if (!resume) File.Delete(file.path);
        var lines = JsonLines.ReadSealed(file.path, "a figure of a verdict", Mend).ToList();
        if (lines.Count == 0)
        {
            JsonLines.Append(file.path, StreamIdentity.Line(identity));
            return file;
        }
        StreamIdentity.Check(file.path, lines[0].Entry, identity);
        foreach (var (number, line) in lines.Skip(1))
            if (!file.Take(line, images))
                throw new UserException($"{file.path}, line {number}: not a figure of a verdict, or one that is there already; {Mend}");
        return file;
    }

    /// <summary>
    /// About what so many figures over so many test images take on disk: their lines, and the pages that are made of them.
    /// </summary>
    public static long Bytes(int figures, int images) => figures * (RightImages.Text(new bool[images]).Length + LineBytes) + PageBytes;

    /// <summary>Which of the test images were named rightly; null where that was not measured yet.</summary>
    public bool[]? Of(VerdictCell cell) => known.GetValueOrDefault(cell);

    /// <summary>
    /// What networks take, by <see cref="VerdictNetwork.Shape"/>, that were timed together on a machine; null where they were not.
    /// </summary>
    public IReadOnlyList<(double Seconds, long WeightBytes)>? Times(string machine, IEnumerable<string> shapes) =>
        times.GetValueOrDefault((machine, Key(shapes)));

    /// <summary>Adds a figure; whole or, where the process is killed at that moment, not at all.</summary>
    public void Add(VerdictCell cell, bool[] right, JsonObject options, TimeSpan took) => Append(new()
    {
        ["network"] = cell.Network,
        ["method"] = cell.Method,
        ["labelled"] = cell.Labelled,
        ["seed"] = cell.Seed,
        ["right"] = right.Count(r => r),
        ["images"] = RightImages.Text(right),
        ["options"] = options,
    }, took, right.Length);

    /// <summary>Adds the times of networks.</summary>
    /// <param name="shapes"><see cref="VerdictNetwork.Shape"/> of each.</param>
    public void Add(
        string machine, IReadOnlyList<string> shapes, IReadOnlyList<(double Seconds, long WeightBytes)> measured, TimeSpan took) =>
        Append(new()
        {
            ["machine"] = machine,
            ["networks"] = new JsonArray([.. shapes.Select(shape => (JsonNode)shape)]),
            ["latencies"] = new JsonArray([.. measured.Select(m => (JsonNode)m.Seconds)]),
            ["weightBytes"] = new JsonArray([.. measured.Select(m => (JsonNode)m.WeightBytes)]),
        }, took, 0);

    private void Append(JsonObject line, TimeSpan took, int images)
    {
        line["seconds"] = Math.Round(took.TotalSeconds, 3);
        JsonLines.Append(path, line);
        // Read as a file's line is, so that what is written is what can be gone on with.
        if (!Take(JsonNode.Parse(line.ToJsonString())!.AsObject(), images))
            throw new InvalidOperationException($"{path}: a line was written that cannot be read");
    }

    private bool Take(JsonObject line, int images)
    {
        if (JsonText.Number(line, "seconds") is not (>= 0 and < MostSeconds and var seconds)) return false;
        Seconds += seconds;
        return JsonText.Text(line, "machine") is { } machine ? TakeTimes(line, machine) : TakeFigure(line, images);
    }

    private bool TakeFigure(JsonObject line, int images)
    {
        if (JsonText.Text(line, "network") is not { } network || JsonText.Text(line, "method") is not { } method
            || JsonText.Whole(line, "seed") is not { } seed)
            return false;
        if (JsonText.Whole(line, "labelled") is not (> 0 and <= int.MaxValue and var labelled)
            || JsonText.Whole(line, "right") is not (>= 0 and <= int.MaxValue and var count))
            return false;
        if (RightImages.Read(JsonText.Text(line, "images"), images, (int)count) is not { } right) return false;
        return known.TryAdd(new(network, method, (int)labelled, seed), right);
    }

    private bool TakeTimes(JsonObject line, string machine)
    {
        if (line["networks"] is not JsonArray networks || line["latencies"] is not JsonArray latencies
            || line["weightBytes"] is not JsonArray bytes || latencies.Count != networks.Count || bytes.Count != networks.Count)
            return false;
        var (names, measured) = (new List<string>(), new List<(double, long)>());
        for (var i = 0; i < networks.Count; i++)
        {
            if (networks[i] is not JsonValue name || !name.TryGetValue<string>(out var text) || latencies[i] is not JsonValue latency
                || !latency.TryGetValue<double>(out var seconds) || seconds is not (> 0 and < MostSeconds)
                || bytes[i] is not JsonValue size || !size.TryGetValue<long>(out var weights) || weights < 1) return false;
            names.Add(text);
            measured.Add((seconds, weights));
        }
        times[(machine, Key(names))] = measured;
        return true;
    }

    private static string Key(IEnumerable<string> networks) => string.Join('\n', networks);
}

/// <summary>What a figure is of.</summary>
/// <param name="Network"><see cref="VerdictNetwork.Identity"/>.</param>
/// <param name="Method">With its settings.</param>
/// <param name="Labelled">How many images' labels are used.</param>
internal sealed record VerdictCell(string Network, string Method, int Labelled, long Seed);
