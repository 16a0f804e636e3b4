using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Survey;

/// <summary>
/// The file <c>survey.jsonl</c>: first what all depends on, then each scenario, each network that was trained, and each figure as soon as
/// it is there. A stopped survey goes on from it, also with more networks, scenarios or methods; processes that share a survey share it.
/// </summary>
internal sealed class SurveyFile
{
    public const string FileName = "survey.jsonl";
    private const string What = "a line of a survey", Mend = "take the line out, or begin anew without --resume";
    private const double MostSeconds = 1e9;
    private const int LineBytes = 700;
    private readonly Dictionary<SurveyCell, bool[]> figures = [];
    private readonly Dictionary<string, SurveyTrained> trained = [];
    private readonly Dictionary<string, string> scenarios = [];
    private readonly IReadOnlyDictionary<string, string> identity;
    private readonly string path;

    private SurveyFile(string path, IReadOnlyDictionary<string, string> identity) => (this.path, this.identity) = (path, identity);

    /// <summary>Seconds that all its lines took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <exception cref="UserException">What is there is of another survey.</exception>
    public static SurveyFile Open(string folder, IReadOnlyDictionary<string, string> identity, bool resume)
    {
        var file = new SurveyFile(Path.Combine(folder, FileName), identity);
        if (!resume) File.Delete(file.path);
        file.Refresh();
        return file;
    }

    /// <summary>About what so many figures over so many test images take on disk.</summary>
    public static long Bytes(int figures, int images) => figures * (RightImages.Text(new bool[images]).Length + (long)LineBytes);

    /// <summary>Reads it again: other processes may have added to it.</summary>
    public void Refresh()
    {
        figures.Clear();
        trained.Clear();
        scenarios.Clear();
        Seconds = 0;
        var lines = JsonLines.ReadSealed(path, What, Mend).ToList();
        if (lines.Count == 0) JsonLines.Append(path, StreamIdentity.Line(identity));
        else StreamIdentity.Check(path, lines[0].Entry, identity);
        foreach (var (number, line) in lines.Skip(1))
            if (!Take(line))
                throw new UserException($"{path}, line {number}: not {What}, or one that is there already; {Mend}");
    }

    /// <summary>Which of the test images were named rightly; null where that was not measured yet.</summary>
    public bool[]? Of(SurveyCell cell) => figures.GetValueOrDefault(cell);

    /// <summary>What became of the training of a network; null where there was none yet.</summary>
    /// <param name="network"><see cref="SurveyNetwork.Key"/>.</param>
    public SurveyTrained? Trained(string network) => trained.GetValueOrDefault(network);

    /// <summary>Notes a scenario, or refuses another than the file knows by its name.</summary>
    /// <param name="images">What its figures depend on.</param>
    public void Add(string scenario, string images)
    {
        if (scenarios.TryGetValue(scenario, out var known))
        {
            if (known != images)
                throw new UserException(
                    $"{path}: begun with another {scenario} ({known}, now {images}): give the same images and settings, or another name");
            return;
        }
        Append(new() { ["scenario"] = scenario, ["is"] = images }, TimeSpan.Zero);
    }

    /// <summary>Notes a network that was trained, or diverged.</summary>
    public void Add(string network, SurveyTrained run, TimeSpan took) => Append(new()
    {
        ["trained"] = network,
        ["training"] = run.Training,
        ["file"] = run.File,
        ["hash"] = run.Hash,
        ["diverged"] = run.Diverged,
    }, took);

    /// <summary>Adds a figure; whole or, where the process is killed at that moment, not at all.</summary>
    public void Add(SurveyCell cell, bool[] right, JsonObject options, TimeSpan took) => Append(new()
    {
        ["network"] = cell.Network,
        ["way"] = cell.IsSlice ? "slice" : "alone",
        ["of"] = cell.Scenario,
        ["method"] = cell.Method,
        ["test"] = right.Length,
        ["right"] = right.Count(one => one),
        ["images"] = RightImages.Text(right),
        ["options"] = options,
    }, took);

    private void Append(JsonObject line, TimeSpan took)
    {
        line["seconds"] = Math.Round(took.TotalSeconds, 3);
        JsonLines.Append(path, line);
        // Read as a file's line is, so that what is written is what can be gone on with.
        if (!Take(JsonNode.Parse(line.ToJsonString())!.AsObject()))
            throw new InvalidOperationException($"{path}: a line was written that cannot be read");
    }

    private bool Take(JsonObject line)
    {
        if (JsonText.Number(line, "seconds") is not (>= 0 and < MostSeconds and var seconds)) return false;
        Seconds += seconds;
        if (JsonText.Text(line, "scenario") is { } scenario)
            return JsonText.Text(line, "is") is { } images && scenarios.TryAdd(scenario, images);
        if (JsonText.Text(line, "trained") is { } network)
            return JsonText.Text(line, "training") is { } training
                && trained.TryAdd(
                    network, new(training, JsonText.Text(line, "file"), JsonText.Text(line, "hash"), JsonText.Text(line, "diverged")));
        return TakeFigure(line);
    }

    private bool TakeFigure(JsonObject line)
    {
        var way = JsonText.Text(line, "way");
        if (JsonText.Text(line, "network") is not { } network || way is not ("slice" or "alone")
            || JsonText.Text(line, "of") is not { } scenario || JsonText.Text(line, "method") is not { } method)
            return false;
        if (JsonText.Whole(line, "test") is not (> 0 and <= int.MaxValue and var test)
            || JsonText.Whole(line, "right") is not (>= 0 and <= int.MaxValue and var count))
            return false;
        return RightImages.Read(JsonText.Text(line, "images"), (int)test, (int)count) is { } right
            && figures.TryAdd(new(network, way == "slice", scenario, method), right);
    }
}

/// <summary>What a figure is of.</summary>
/// <param name="Network"><see cref="SurveyNetwork.Key"/>.</param>
/// <param name="IsSlice">Whether its weights are a supernet's; otherwise it was trained alone.</param>
/// <param name="Scenario">Its name.</param>
/// <param name="Method">With its settings.</param>
internal sealed record SurveyCell(string Network, bool IsSlice, string Scenario, string Method);

/// <summary>What became of a network's training.</summary>
/// <param name="Training">All that decides its weights, by a hash.</param>
/// <param name="File">The file of its weights, relative to the survey's folder; null where the training diverged.</param>
/// <param name="Hash">Of that file.</param>
/// <param name="Diverged">What the training said as it did; null where it did not.</param>
internal sealed record SurveyTrained(string Training, string? File, string? Hash, string? Diverged);
