namespace DataSsl.Search.Emit.Forms;

/// <summary>Which range of a value's numbers a byte is for; what lies beyond becomes its end.</summary>
internal enum RangeRule
{
    /// <summary>All of them.</summary>
    MinMax,

    /// <summary>All but one in ten thousand at either end.</summary>
    Percentile,

    /// <summary>The part of all that loses the least: the mean squared error of cut and rounded numbers.</summary>
    Mse,
}
