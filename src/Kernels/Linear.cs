namespace DataSsl.Kernels;

/// <summary>A matrix on each of a number of rows: tokens, the pixels of a 1x1 convolution without stride, or one embedding.</summary>
internal sealed class Linear(Machine machine, int rows, Weights.Matrix weights, Activation activation = Activation.None)
    : Dense(machine, rows, weights, activation, gathers: false)
{
    protected override int Stride { get; } = Lanes.Padded(weights.Length);
}
