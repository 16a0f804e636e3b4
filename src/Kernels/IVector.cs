namespace DataSsl.Kernels;

/// <summary>
/// A vector of 32-bit values of one hardware width: every kernel is written once over it, and the compiler makes one body a width.
/// </summary>
internal unsafe interface IVector<TSelf> : ISums<TSelf> where TSelf : unmanaged, IVector<TSelf>
{
    /// <summary>The larger of both; what is not a number in <paramref name="b"/> stays.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller of both; what is not a number in <paramref name="b"/> stays.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    static abstract TSelf Abs(TSelf a);

    static abstract TSelf Floor(TSelf a);

    /// <summary>2 to the power of whole numbers between -126 and 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf a);

    /// <summary>The values of <paramref name="a"/> with the signs of <paramref name="b"/>.</summary>
    static abstract TSelf CopySign(TSelf a, TSelf b);

    static abstract float Sum(TSelf a);

    static abstract float Largest(TSelf a);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>The values of sums of whole numbers.</summary>
    /// <param name="a">As <typeparamref name="TSums"/> stored them.</param>
    static abstract TSelf Converted<TSums>(int* a, int* b) where TSums : unmanaged, ISums<TSums>;

    /// <summary>Values from 0 to 255, cut to whole numbers, as so many bytes.</summary>
    static abstract void StoreBytes(TSelf a, byte* target);

    /// <summary>The same of two vectors.</summary>
    static abstract void StoreBytes(TSelf a, TSelf b, byte* target);

    /// <summary>The same of four vectors, four values of each in turn.</summary>
    static abstract void StoreBytes(TSelf a, TSelf b, TSelf c, TSelf d, byte* target);

    /// <summary>Four values each, sixteen apart.</summary>
    void StoreQuarters(float* target);
}
