namespace DataSsl.SearchSpaces;

/// <summary>What a budget limits.</summary>
public enum Measure
{
    /// <summary>Multiply-accumulates of one image.</summary>
    Macs,

    /// <summary>Every parameter.</summary>
    Parameters,

    /// <summary>Bytes of activations at the fullest moment of one image in 32 bits.</summary>
    Memory,

    /// <summary>Nanoseconds for one image on a device. A space has none: only a search measures it.</summary>
    Latency,
}

/// <summary>At least <paramref name="From"/> and less than <paramref name="To"/> of a measure.</summary>
public sealed record BudgetLimit(Measure Measure, long From, long To);
