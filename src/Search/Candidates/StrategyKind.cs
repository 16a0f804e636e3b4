namespace DataSsl.Search.Candidates;

/// <summary>The ways to search a budget.</summary>
public enum StrategyKind
{
    /// <summary>Every candidate.</summary>
    Exhaustive,

    /// <summary>A number drawn uniformly.</summary>
    Random,

    /// <summary>A number bred from the best so far (<see cref="Evolution"/>).</summary>
    Evolution,
}
