using DataSsl.Generator.Model;

namespace DataSsl.Search.Candidates;

/// <summary>What a budget limits.</summary>
public enum Measure
{
    /// <summary>Multiply-accumulates of one image.</summary>
    Macs = BudgetMeasure.Macs,

    /// <summary>Convolution weights and BatchNorm parameters.</summary>
    Parameters = BudgetMeasure.Parameters,

    /// <summary>Bytes of activations at the fullest moment of one image in 32 bits.</summary>
    Memory = BudgetMeasure.Memory,

    /// <summary>Nanoseconds for one image on the device of the search.</summary>
    Latency = BudgetMeasure.Latency,
}
