namespace DataSsl.Kernels;

/// <summary>A matrix in bytes on each of a number of rows: tokens, or the pixels of a 1x1 convolution without stride.</summary>
internal sealed unsafe class ByteLinear(Machine machine, int rows, ByteMatrix weights, Activation activation = Activation.None)
    : ByteProduct(machine, rows, weights, activation)
{
    protected override void Gather(int part, int first, int count, float* target)
    {
        for (var row = first; row < first + count; row++, target += Pitch)
            Input.Quantise(X + (nint)row * Lanes.Padded(Channels), (byte*)target, Channels);
    }
}
