using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>What becomes of a sum before it is stored: the bias, what the layer is added to, and the activation.</summary>
/// <param name="bias">One value a column; null for none.</param>
/// <param name="added">A map of the result's shape and strides; null for none.</param>
/// <param name="offsets">Of sums of bytes' products, one a column, which are added to them; null where they are values.</param>
/// <param name="factors">By which they then become values.</param>
internal readonly unsafe struct Finish(float* bias, float* added, Activation activation, int* offsets = null, float* factors = null)
{
    private readonly float* bias = bias, added = added;
    private readonly float least = activation == Activation.None
        ? float.NegativeInfinity
        : 0, most = activation == Activation.Relu6
        ? 6
        : float.PositiveInfinity;

    /// <summary>The same further on in the result.</summary>
    public Finish At(nint offset) => new(this, added == null ? null : added + offset);

    private Finish(in Finish other, float* added) : this(other.bias, added, Activation.None, other.Offsets, other.Factors) =>
        (least, most) = (other.least, other.most);

    /// <summary>What is added to sums of bytes' products, one a column.</summary>
    public int* Offsets { get; } = offsets;

    /// <summary>By what they then become values.</summary>
    public float* Factors { get; } = factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TSums, TColumns>(TSums a, TSums b, float* y, nint offset, int column)
        where TSums : unmanaged, ISums<TSums>
        where TColumns : struct, ISize
    {
        TSums.Finish(a, this, y, offset, column);
        if (TColumns.Value > 1) TSums.Finish(b, this, y, offset + TSums.Width, column + TSums.Width);
    }

    /// <summary>Values of columns from <paramref name="column"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void One<TVector>(TVector sum, float* y, nint offset, int column) where TVector : unmanaged, IVector<TVector>
    {
        if (bias != null) sum += TVector.Load(bias + column);
        if (added != null) sum += TVector.Load(added + offset);
        TVector.Min(TVector.Broadcast(most), TVector.Max(TVector.Broadcast(least), sum)).Store(y + offset);
    }
}
