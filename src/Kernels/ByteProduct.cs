namespace DataSsl.Kernels;

/// <summary>A product of bytes, as its rows come or into which they are turned as they are gathered.</summary>
internal abstract class ByteProduct : Product
{
    private readonly int bits;

    /// <param name="rows">Pixels or tokens of the output.</param>
    /// <param name="gathers">Rows have to be gathered.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    protected ByteProduct(
        Machine machine, int rows, ByteMatrix weights, Activation activation, bool gathers, Quantisation? output)
        : this(machine, rows, weights, activation, gathers, output, ByteSums.Bits(machine.Bits, weights.Groups))
    {
    }

    private ByteProduct(
        Machine machine, int rows, ByteMatrix weights, Activation activation, bool gathers, Quantisation? output, int bits)
        : base(
            machine, rows, weights.Grouped(), weights.Biases(output), weights.Offsets(ByteSums.Shift(bits)), weights.Factors(output),
            activation, Lanes.Width(bits), gathers, output) =>
        (this.bits, Input, Channels, Bytes) = (bits, weights.Input, weights.Channels, weights.Pitch);

    /// <summary>Of the rows' values.</summary>
    protected Quantisation Input { get; }

    /// <summary>Of a place in the input.</summary>
    protected int Channels { get; }

    /// <summary>Of a place in a row.</summary>
    protected int Bytes { get; }

    protected internal sealed override void Work(int part, int parts)
    {
        var share = new ByteShare(this, part, parts);
        ByteSums.Run(bits, ref share);
    }

    private readonly struct ByteShare(ByteProduct product, int part, int parts) : IByteWork
    {
        public void Run<TSums>() where TSums : unmanaged, IByteSums<TSums> => product.Multiply<TSums>(part, parts);
    }
}
