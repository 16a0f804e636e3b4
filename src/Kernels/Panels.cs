using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// A matrix as <see cref="Tile{TSums, TStored, TRows, TColumns}"/> reads it: panels of two vectors' columns (the last may have one), row by
/// row.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Rows of the highest tile.</summary>
    public const int Grain = 12;

    /// <summary>
    /// Values of the rows that are worked on at a time: input, result and what is added stay in the second-level cache while all weights
    /// pass. Where the weights come from further away, it is only the input that must stay, and the rows may be more.
    /// </summary>
    private const int Block = 1 << 17, LargeWeights = 1 << 19;

    /// <summary>Bytes of the widest vector: one that lies across two of the cache's lines costs twice.</summary>
    private const int Alignment = Lanes.Count * sizeof(float);

    /// <summary>Full tiles of rows beyond which a panel's first reading is too small a part to be worth asking for it ahead.</summary>
    private const int Many = 24;

    /// <summary>Rows that are multiplied by all panels before the next: blocks of one size, the fewest that fit.</summary>
    public static int RowsAtOnce(int rows, int length, int columns)
    {
        var values = (long)length * columns > LargeWeights ? (long)rows * length / 2 : (long)rows * (length + 2 * columns);
        var blocks = Math.Max(1, (int)(values / Block));
        var block = (rows + blocks - 1) / blocks;
        return Math.Min(rows, (block + Grain - 1) / Grain * Grain);
    }

    /// <summary>
    /// What a part multiplies: of rows and columns those that are more are dealt, and so read once, by one thread or the other.
    /// </summary>
    public static (int First, int End, int Left, int Right) Deal(int rows, int columns, int width, int part, int parts)
    {
        var byColumns = columns > rows;
        var (first, end) = byColumns ? (0, rows) : Portion.Of(rows, Grain, part, parts);
        var (left, right) = byColumns ? Portion.Of(columns, 2 * width, part, parts) : (0, columns);
        return (first, end, left, right);
    }

    /// <summary>Packs a transposed matrix [columns, length]; missing columns up to the padded count are zero.</summary>
    /// <param name="stride">From one column's values to the next one's.</param>
    public static void Pack(float* source, nint stride, int length, int columns, float* target, int width)
    {
        var padded = Lanes.Padded(columns);
        for (var first = 0; first < padded; first += 2 * width)
        {
            var side = Math.Min(2 * width, padded - first);
            var panel = target + (nint)first * length;
            for (var c = 0; c < side; c++)
                for (var k = 0; k < length; k++)
                    panel[(nint)k * side + c] = first + c < columns ? source[(first + c) * stride + k] : 0;
        }
    }

    /// <summary>Multiplies rows by the panels from one column to another.</summary>
    /// <param name="x">[rows, length], <paramref name="xStride"/> values from row to row.</param>
    /// <param name="first">A column that starts a panel.</param>
    /// <param name="end">The column where a panel ends.</param>
    /// <param name="xStep">Values from one of a row to the next.</param>
    public static void Multiply<TSums>(
        float* x, nint xStride, int rows, float* panels, int length, int first, int end, float* y, nint yStride, in Finish finish,
        nint xStep = 1)
        where TSums : unmanaged, ISums<TSums> =>
        Multiply<TSums, StoredValues>(x, xStride, rows, panels, length, first, end, y, 0, yStride, finish, xStep);

    /// <inheritdoc cref="Multiply{TSums}"/>
    /// <param name="y">The result's first value, or byte.</param>
    /// <param name="at">Where in it the first row is stored.</param>
    public static void Multiply<TSums, TStored>(
        float* x, nint xStride, int rows, float* panels, int length, int first, int end, float* y, nint at, nint yStride,
        in Finish finish, nint xStep = 1)
        where TSums : unmanaged, ISums<TSums>
        where TStored : struct, IStored
    {
        for (var column = first; column < end; column += 2 * TSums.Width)
        {
            var panel = panels + (nint)column * length;
            if (end - column >= 2 * TSums.Width)
                Rows<TSums, TStored, Two>(x, xStride, xStep, rows, panel, length, y, at, yStride, finish, column);
            else Rows<TSums, TStored, One>(x, xStride, xStep, rows, panel, length, y, at, yStride, finish, column);
        }
    }

    /// <summary>One panel: as many full tiles as there are, then smaller ones; together they ask for the panel that comes next.</summary>
    [SkipLocalsInit]
    private static void Rows<TSums, TStored, TColumns>(
        float* x, nint xStride, nint xStep, int rows, float* panel, int length, float* y, nint at, nint yStride, in Finish finish,
        int column)
        where TSums : unmanaged, ISums<TSums>
        where TStored : struct, IStored
        where TColumns : struct, ISize
    {
        var bytes = (nint)TColumns.Value * TSums.Width * sizeof(float);
        var step = rows > Many * TSums.Rows ? 0 : bytes * TSums.Rows / Math.Max(rows, TSums.Rows);
        var ahead = step == 0 ? (byte*)panel : (byte*)panel + length * bytes;
        var room = stackalloc float[(TSums.Rows * TColumns.Value + 1) * Lanes.Count];
        var sums = (float*)(((nuint)room + Alignment - 1) / Alignment * Alignment);
        var row = 0;
        if (TSums.Rows == Twelve.Value) Run<Twelve>(finish);
        else if (TSums.Rows == Six.Value) Run<Six>(finish);
        if (TSums.Rows > Eight.Value) Run<Eight>(finish);
        Run<Four>(finish);
        Run<Two>(finish);
        Run<One>(finish);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Run<TRows>(in Finish finish) where TRows : struct, ISize
        {
            for (; row + TRows.Value <= rows; row += TRows.Value, ahead += length * step)
                Tile<TSums, TStored, TRows, TColumns>.Multiply(
                    x + row * xStride, xStride * sizeof(float), xStep * sizeof(float), panel, length, ahead, step, sums, y,
                    at + row * yStride + column, yStride, finish, column);
        }
    }
}
