using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>GELU in its exact form, x * (1 + erf(x / sqrt 2)) / 2, of a number of values, in their place or another.</summary>
internal sealed unsafe class Gelu(Machine machine, int count) : VectorStep<Gelu>(machine), IVectorStep<Gelu>
{
    static void IVectorStep<Gelu>.Work<TVector>(Gelu step, int part, int parts) => step.Work<TVector>(part, parts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(count, Lanes.Count, part, parts);
        var (half, root) = (TVector.Broadcast(0.5f), TVector.Broadcast(0.707106781f));
        for (var i = first; i < end; i += TVector.Width)
        {
            var x = TVector.Load(X + i);
            (x * TVector.MultiplyAdd(half, Exponential.Erf(x * root), half)).Store(Y + i);
        }
    }
}
