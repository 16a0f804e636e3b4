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

/// <summary>As which of the forms that <c>emit</c> writes a network is timed.</summary>
public enum LatencyForm
{
    /// <summary>The TorchSharp class for inference, 32 bits, BatchNorm folded.</summary>
    Folded,

    /// <summary>Pure C#, 32 bits.</summary>
    CSharp,

    /// <summary>Pure C# that multiplies bytes.</summary>
    CSharpInt8,
}

/// <summary>At least <paramref name="From"/> and less than <paramref name="To"/> of a measure.</summary>
/// <param name="Form">Of a latency: what is timed.</param>
public sealed record BudgetLimit(Measure Measure, long From, long To, LatencyForm Form = LatencyForm.Folded);
