using System.Globalization;
using System.Text;
using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>The cloud of candidates as one path, and the numbers that the tooltip shows. A dot right under another is drawn once.</summary>
internal sealed class Dots
{
    // In page units; a dot is larger.
    private const double Cell = 1.5;

    public Dots(IEnumerable<Candidate> candidates, string task, ChartFrame frame)
    {
        var (path, data) = (new StringBuilder(), new StringBuilder());
        var taken = new HashSet<(int, int)>();
        foreach (var candidate in candidates)
        {
            if (!candidate.Scores.TryGetValue(task, out var value) || !double.IsFinite(value)) continue;
            Scored++;
            var (x, y) = (frame.Macs.At(candidate.Macs), frame.Score.At(value));
            if (!taken.Add(((int)(x / Cell), (int)(y / Cell)))) continue;
            path.Append(CultureInfo.InvariantCulture, $"M{x:0.#} {y:0.#}h0");
            data.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#},{Numbers.Short(candidate.Macs)},{Numbers.Short(candidate.Parameters)},{Numbers.Score(value)},")
                .Append(candidate.Architecture.Replace('|', ' ').Replace(',', ' ')).Append('|');
        }
        (Path, Data) = (path.ToString(), data.ToString());
    }

    /// <summary>How many candidates have a score.</summary>
    public int Scored { get; }

    /// <summary>A path of zero-length strokes; round caps make them dots.</summary>
    public string Path { get; }

    /// <summary>x, y, MACs, parameters, score and architecture of each dot, by commas and bars.</summary>
    public string Data { get; }
}
