using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Report;

/// <summary>The candidates by columns: position i of each belongs to candidate i of the result.</summary>
internal sealed class CandidateTable
{
    private readonly SearchResult result;
    private readonly Dictionary<string, int> positions;

    public CandidateTable(SearchSpace space, SearchResult result)
    {
        this.result = result;
        // A winner that an edited file lists only as a winner is still a candidate.
        Candidates = [.. result.Candidates.Concat(result.Winners.Select(w => w.Candidate)).DistinctBy(c => c.Architecture)];
        Architectures = [.. Candidates.Select(c => space.Parse(c.Architecture))];
        positions = Candidates.Index().ToDictionary(c => c.Item.Architecture, c => c.Index);
    }

    public IReadOnlyList<Candidate> Candidates { get; }

    public IReadOnlyList<Architecture> Architectures { get; }

    public int Count => Candidates.Count;

    /// <summary>The position of an architecture; null where it is no candidate.</summary>
    public int? PositionOf(string architecture) => positions.TryGetValue(architecture, out var at) ? at : null;

    /// <summary>Scores of a task; NaN where a candidate has none.</summary>
    public double[] Scores(string task) => [.. Candidates.Select(c => c.Scores.GetValueOrDefault(task, double.NaN))];

    public double[] Costs(CostMeasure measure) => measure.Measure switch
    {
        Measure.Macs => [.. Candidates.Select(c => (double)c.Macs)],
        Measure.Parameters => [.. Candidates.Select(c => (double)c.Parameters)],
        Measure.Latency => [.. Candidates.Select(c => c.Latency ?? double.NaN)],
        _ => [.. Architectures.Select(a => measure.Of(a, result.DeployedSize))],
    };
}
