namespace DataSsl.Kernels;

/// <summary>A product of bytes, into which its rows are turned as they are gathered, that gives 32-bit values.</summary>
internal abstract class ByteProduct : Product
{
    /// <param name="rows">Pixels or tokens of the output.</param>
    protected ByteProduct(Machine machine, int rows, ByteMatrix weights, Activation activation)
        : base(
            machine, rows, weights.Grouped(), weights.Bias, weights.Offsets(ByteSums.Shift(ByteSums.Bits(machine.Bits))),
            weights.Factors(), activation, Lanes.Width(ByteSums.Bits(machine.Bits)), gathers: true) =>
        (Input, Channels, Bytes) = (weights.Input, weights.Channels, weights.Pitch);

    /// <summary>Of the rows' values.</summary>
    protected Quantisation Input { get; }

    /// <summary>Of a place in the input.</summary>
    protected int Channels { get; }

    /// <summary>Of a place in a row.</summary>
    protected int Bytes { get; }

    protected internal sealed override void Work(int part, int parts)
    {
        var share = new ByteShare(this, part, parts);
        ByteSums.Run(ByteSums.Bits(Machine.Bits), ref share);
    }

    private readonly struct ByteShare(ByteProduct product, int part, int parts) : IByteWork
    {
        public void Run<TSums>() where TSums : unmanaged, ISums<TSums> => product.Multiply<TSums>(part, parts);
    }
}
