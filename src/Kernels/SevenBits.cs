namespace DataSsl.Kernels;

/// <summary>
/// What weights in bytes take of their 8 bits: the sum of two products with bytes then fits into the 16 bits that processors without VNNI
/// add them up in, and a network gives the same on every machine.
/// </summary>
internal static class SevenBits
{
    /// <summary>The largest, of either sign.</summary>
    public const int Most = 63;
}
