namespace DataSsl.Kernels;

/// <summary>Sums of bytes' products, also of four bytes that come from four places, channel by channel.</summary>
internal unsafe interface IByteSums<TSelf> : ISums<TSelf> where TSelf : unmanaged, IByteSums<TSelf>
{
    /// <summary>
    /// Groups of one byte of each of four rows, for so many channels as a vector has bytes: four vectors, the first of which has the first
    /// four of every sixteen channels, the second the next four of them, and so on.
    /// </summary>
    static abstract void Interleave(byte* first, byte* second, byte* third, byte* fourth, float* target);

    /// <summary>Stores the sums of four such vectors, whose values' channels are then in order.</summary>
    /// <param name="y">The result's first value, or byte.</param>
    /// <param name="at">Where in it the first channel is stored.</param>
    /// <param name="column">Of the first sum, in their order.</param>
    static abstract void Finish<TStored>(
        in Finish finish, TSelf a, TSelf b, TSelf c, TSelf d, float* y, nint at, int column) where TStored : struct, IStored;
}
