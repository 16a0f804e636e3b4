namespace DataSsl.Kernels;

/// <summary>A matrix in bytes on each of a number of rows: tokens, or the pixels of a 1x1 convolution without stride.</summary>
/// <param name="takesBytes">The rows are bytes; otherwise they become so as they are gathered.</param>
/// <param name="output">The bytes that values are stored as; null where they stay.</param>
internal sealed unsafe class ByteLinear(
    Machine machine, int rows, ByteMatrix weights, Activation activation = Activation.None, bool takesBytes = false,
    Quantisation? output = null)
    : ByteProduct(machine, rows, weights, activation, gathers: !takesBytes, output)
{
    protected override int Stride => Lanes.Padded(Channels) / ByteSums.Group;

    protected override void Gather(int part, int first, int count, float* target)
    {
        for (var row = first; row < first + count; row++, target += Pitch)
            Input.Quantise(X + (nint)row * Lanes.Padded(Channels), (byte*)target, Channels);
    }
}
