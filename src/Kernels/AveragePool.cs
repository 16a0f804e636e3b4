using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>The mean of each channel over a map's positions.</summary>
internal sealed unsafe class AveragePool(Machine machine, int channels, int positions)
    : VectorStep<AveragePool>(machine), IVectorStep<AveragePool>
{
    private readonly int padded = Lanes.Padded(channels);

    static void IVectorStep<AveragePool>.Work<TVector>(AveragePool step, int part, int parts) => step.Work<TVector>(part, parts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(padded, Lanes.Count, part, parts);
        for (var c = first; c < end; c += TVector.Width)
        {
            TVector sum = default;
            for (var i = 0; i < positions; i++) sum += TVector.Load(X + (nint)i * padded + c);
            (sum / TVector.Broadcast(positions)).Store(Y + c);
        }
    }
}
