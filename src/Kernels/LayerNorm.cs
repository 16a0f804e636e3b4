using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>Each row less its mean over its standard deviation, scaled and shifted by channel.</summary>
internal sealed unsafe class LayerNorm : VectorStep<LayerNorm>, IVectorStep<LayerNorm>
{
    private readonly Floats scale, shift, mask;
    private readonly int rows, channels, padded;

    public LayerNorm(Machine machine, int rows, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias) : base(machine)
    {
        (this.rows, channels, padded) = (rows, weight.Length, Lanes.Padded(weight.Length));
        (scale, shift, mask) = (new(weight, padded), new(bias, padded), new(padded));
        mask.Span[..channels].Fill(1);
    }

    static void IVectorStep<LayerNorm>.Work<TVector>(LayerNorm step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(rows, 1, part, parts);
        for (var row = first; row < end; row++)
        {
            var (x, y) = ((nint)(X + (nint)row * padded), (nint)(Y + (nint)row * padded));
            Row<TVector>((float*)x, (float*)y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<TVector>(float* x, float* y) where TVector : unmanaged, IVector<TVector>
    {
        TVector sum = default, squares = default;
        for (var c = 0; c < padded; c += TVector.Width) sum += TVector.Load(x + c);
        var mean = TVector.Broadcast(TVector.Sum(sum) / channels);
        for (var c = 0; c < padded; c += TVector.Width)
        {
            var difference = (TVector.Load(x + c) - mean) * TVector.Load(mask.Pointer + c);
            squares = TVector.MultiplyAdd(difference, difference, squares);
        }
        var factor = TVector.Broadcast(1 / MathF.Sqrt(TVector.Sum(squares) / channels + (float)NormEpsilon.Layer));
        for (var c = 0; c < padded; c += TVector.Width)
            TVector.MultiplyAdd((TVector.Load(x + c) - mean) * factor, TVector.Load(scale.Pointer + c), TVector.Load(shift.Pointer + c))
                .Store(y + c);
    }
}
