using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Report;

/// <summary>What a run's <c>metrics.jsonl</c> tells about the training.</summary>
/// <param name="Curves">By name, in the order of the file.</param>
/// <param name="Seconds">Between the first and the last line.</param>
public sealed record TrainingCurves(IReadOnlyDictionary<string, IReadOnlyList<(long Step, double Value)>> Curves, double Seconds)
{
    /// <summary>Points of one curve: more than a screen shows.</summary>
    private const int Most = 2000;

    /// <summary>
    /// The curves beside a run's checkpoint; null where there are none. Nobody asked for them by name, so a damaged line is left out.
    /// </summary>
    /// <param name="notice">Told of lines that are left out.</param>
    public static TrainingCurves? Beside(string checkpoint, Action<string>? notice = null)
    {
        // What a result names may be no path at all.
        if (checkpoint.Length == 0 || checkpoint.Contains('\0', StringComparison.Ordinal)
            || Path.GetDirectoryName(Path.GetFullPath(checkpoint)) is not { } folder)
            return null;
        var path = Path.Combine(folder, MetricsLog.FileName);
        return Path.Exists(path) ? Read(path, notice ?? (_ => { })) : null;
    }

    /// <summary>Reads a run's measurements.</summary>
    /// <param name="path">The file, or the run's folder.</param>
    /// <param name="notice">Told of lines that are damaged or not a measurement, and are left out; null to refuse such a file.</param>
    /// <exception cref="UserException">There is no such file, or a line of it is not a measurement.</exception>
    public static TrainingCurves Read(string path, Action<string>? notice = null)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, MetricsLog.FileName);
        if (!Path.Exists(path)) throw new UserException($"{path}: there is no such file; training writes it into the run's folder");
        var curves = new OrderedDictionary<string, IReadOnlyList<(long, double)>>();
        var (times, damaged) = (new List<double>(), new List<int>());
        foreach (var line in JsonLines.Read(path))
        {
            if (line is not { IsSealed: true, Entry: { } entry } || JsonText.Number(entry, "step") is not { } step)
            {
                damaged.Add(line.Number);
                if (notice is null)
                    throw new UserException($"{JsonLines.Damaged(path, damaged)}, not a measurement of a run; take the line out");
                continue;
            }
            if (JsonText.Number(entry, "time") is { } time) times.Add(time);
            foreach (var (name, _) in entry)
                if (name is not ("step" or "time" or "epoch") && JsonText.Number(entry, name) is { } value)
                {
                    if (!curves.TryGetValue(name, out var curve)) curves.Add(name, curve = new List<(long, double)>());
                    ((List<(long, double)>)curve).Add(((long)step, value));
                }
        }
        if (damaged.Count > 0) notice!($"{JsonLines.Damaged(path, damaged)}, not a measurement of a run; left out");
        return new(curves, times.Count > 0 ? times[^1] - times[0] : 0);
    }

    /// <summary>The curves as the page takes them: every n-th point of a long one, and its last.</summary>
    internal IReadOnlyList<PageCurve> Pages() => [.. Curves.Select(c => Page(c.Key, c.Value))];

    private static PageCurve Page(string name, IReadOnlyList<(long Step, double Value)> points)
    {
        var stride = (points.Count + Most - 1) / Most;
        var kept = points.Where((_, i) => i % stride == 0 || i == points.Count - 1).ToList();
        return new(name, [.. kept.Select(p => (double)p.Step)], [.. kept.Select(p => p.Value)]);
    }
}
