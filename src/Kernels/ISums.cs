namespace DataSsl.Kernels;

/// <summary>
/// Sums of products, one a column, as <see cref="Tile{TSums, TStored, TRows, TColumns}"/> makes them: of 32-bit values, or of bytes, of
/// which four lie in the place of one value.
/// </summary>
internal unsafe interface ISums<TSelf> where TSelf : unmanaged, ISums<TSelf>
{
    /// <summary>Columns; divides <see cref="Lanes.Count"/>.</summary>
    static abstract int Width { get; }

    /// <summary>Whether they are whole numbers.</summary>
    static abstract bool AreOfBytes { get; }

    /// <summary>Rows of the widest tile whose sums, two vectors a row, stay in registers.</summary>
    static abstract int Rows { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    /// <summary>a * b + c, in one rounding where the hardware has it; of bytes four products and their sum.</summary>
    /// <param name="a">Of a row.</param>
    /// <param name="b">Weights.</param>
    /// <param name="c">The sums so far.</param>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    void Store(float* target);

    /// <inheritdoc cref="Kernels.Finish.Rows"/>
    static abstract void Finish<TColumns, TStored>(
        in Finish finish, float* sums, int rows, float* y, nint at, nint stride, int column)
        where TColumns : struct, ISize
        where TStored : struct, IStored;
}
