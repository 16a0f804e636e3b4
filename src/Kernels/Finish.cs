using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>What becomes of a sum before it is stored: the bias, what the layer is added to, and the activation.</summary>
/// <param name="bias">One value a column; null for none.</param>
/// <param name="added">A map of the result's shape and strides; null for none.</param>
internal readonly unsafe struct Finish(float* bias, float* added, Activation activation)
{
    private readonly float* bias = bias, added = added;
    private readonly float least = activation == Activation.None
        ? float.NegativeInfinity
        : 0, most = activation == Activation.Relu6
        ? 6
        : float.PositiveInfinity;

    /// <summary>The same further on in the result.</summary>
    public Finish At(nint offset) => new(this, added == null ? null : added + offset);

    private Finish(in Finish other, float* added) : this(other.bias, added, Activation.None) => (least, most) = (other.least, other.most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TVector, TColumns>(TVector a, TVector b, float* y, nint offset, int column)
        where TVector : unmanaged, IVector<TVector>
        where TColumns : struct, ISize
    {
        One(a, y, offset, column);
        if (TColumns.Value > 1) One(b, y, offset + TVector.Width, column + TVector.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void One<TVector>(TVector sum, float* y, nint offset, int column) where TVector : unmanaged, IVector<TVector>
    {
        if (bias != null) sum += TVector.Load(bias + column);
        if (added != null) sum += TVector.Load(added + offset);
        TVector.Min(TVector.Broadcast(most), TVector.Max(TVector.Broadcast(least), sum)).Store(y + offset);
    }
}
