using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// The largest of what a window sees of each channel, with a padding that keeps the side of an odd window; what lies beyond the map does
/// not count.
/// </summary>
internal sealed unsafe class MaxPool(Machine machine, int channels, int side, int kernel, int stride)
    : VectorStep<MaxPool>(machine), IVectorStep<MaxPool>
{
    private readonly int padded = Lanes.Padded(channels), outSide = Window.Side(side, kernel, stride);

    static void IVectorStep<MaxPool>.Work<TVector>(MaxPool step, int part, int parts) => step.Work<TVector>(part, parts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(outSide * outSide, 1, part, parts);
        for (var i = first; i < end; i++)
        {
            var (top, left) = (i / outSide * stride - kernel / 2, i % outSide * stride - kernel / 2);
            var (y0, y1, x0, x1) = (Math.Max(0, top), Math.Min(side, top + kernel), Math.Max(0, left), Math.Min(side, left + kernel));
            for (var c = 0; c < padded; c += TVector.Width)
            {
                var most = TVector.Broadcast(float.NegativeInfinity);
                for (var y = y0; y < y1; y++)
                    for (var x = x0; x < x1; x++)
                        most = TVector.Max(most, TVector.Load(X + ((nint)y * side + x) * padded + c));
                most.Store(Y + (nint)i * padded + c);
            }
        }
    }
}
