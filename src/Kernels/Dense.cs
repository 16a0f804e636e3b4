namespace DataSsl.Kernels;

/// <summary>A product of 32-bit values.</summary>
/// <param name="rows">Pixels or tokens of the output.</param>
/// <param name="weights">The transposed matrix [columns, length], and a bias a column, in steps of the output's bytes.</param>
/// <param name="gathers">Rows have to be gathered: the input does not hold them as they are.</param>
/// <param name="output">The bytes that values are stored as; null where they stay.</param>
internal abstract class Dense(
    Machine machine, int rows, Weights.Matrix weights, Activation activation, bool gathers, Quantisation? output = null)
    : Product(
        machine, rows, weights.Values, weights.Bias, [], [], activation, Lanes.Width(machine.Bits), gathers, output)
{
    protected internal sealed override void Work(int part, int parts)
    {
        var share = new DenseShare(this, part, parts);
        Lanes.Run(Machine.Bits, ref share);
    }

    private readonly struct DenseShare(Dense product, int part, int parts) : IVectorWork
    {
        public void Run<TVector>() where TVector : unmanaged, IVector<TVector> => product.Multiply<TVector>(part, parts);
    }
}
