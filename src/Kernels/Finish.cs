using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>What becomes of a sum before it is stored: the bias, what the layer is added to, and the activation.</summary>
/// <param name="bias">One value a column; null for none.</param>
/// <param name="added">A map of the result's shape and strides; null for none, as where the result is bytes.</param>
/// <param name="offsets">Of sums of bytes' products, one a column, which are added to them; null where they are values.</param>
/// <param name="factors">By which they then become values.</param>
/// <param name="output">The bytes that values become, in whose steps the bias and the sums then are; null where they stay.</param>
internal readonly unsafe struct Finish(
    float* bias, float* added, Activation activation, int* offsets = null, float* factors = null, Quantisation? output = null)
{
    private readonly float* bias = bias, added = added;

    private readonly float least = output is { } bytes
        ? activation == Activation.None ? 0 : bytes.InSteps(0)
        : activation == Activation.None ? float.NegativeInfinity : 0;

    private readonly float most = output is { } range
        ? activation == Activation.Relu6 ? MathF.Min(byte.MaxValue, range.InSteps(6)) : byte.MaxValue
        : activation == Activation.Relu6 ? 6 : float.PositiveInfinity;

    /// <summary>What is added to sums of bytes' products, one a column.</summary>
    public int* Offsets { get; } = offsets;

    /// <summary>By what they then become values.</summary>
    public float* Factors { get; } = factors;

    /// <summary>The sums of a tile, which lie row by row, one or two vectors each.</summary>
    /// <param name="y">The result's first value, or byte.</param>
    /// <param name="at">Where in it the first row is stored.</param>
    /// <param name="stride">From one row to the next, as far as in what is added.</param>
    /// <param name="column">The first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rows<TSums, TVector, TColumns, TStored>(float* sums, int rows, float* y, nint at, nint stride, int column)
        where TSums : unmanaged, ISums<TSums>
        where TVector : unmanaged, IVector<TVector>
        where TColumns : struct, ISize
        where TStored : struct, IStored
    {
        var (low, high) = (TVector.Broadcast(least), TVector.Broadcast(most));
        var next = TColumns.Value > 1 ? TVector.Width : 0;
        TVector biasA = default, biasB = default, factorA = default, factorB = default;
        if (bias != null) (biasA, biasB) = (TVector.Load(bias + column), TVector.Load(bias + column + next));
        if (TSums.AreOfBytes) (factorA, factorB) = (TVector.Load(Factors + column), TVector.Load(Factors + column + next));
        for (; rows > 0; rows--, sums += TVector.Width + next, at += stride)
        {
            var a = TSums.AreOfBytes ? TVector.Converted<TSums>((int*)sums, Offsets + column) * factorA : TVector.Load(sums);
            a += biasA;
            if (!TStored.InBytes && added != null) a += TVector.Load(added + at);
            a = TVector.Min(high, TVector.Max(low, a));
            if (TColumns.Value > 1)
            {
                var b = TSums.AreOfBytes
                    ? TVector.Converted<TSums>((int*)sums + next, Offsets + column + next) * factorB
                    : TVector.Load(sums + next);
                b += biasB;
                if (!TStored.InBytes && added != null) b += TVector.Load(added + at + next);
                b = TVector.Min(high, TVector.Max(low, b));
                if (TStored.InBytes) TVector.StoreBytes(a, b, (byte*)y + at);
                else
                {
                    a.Store(y + at);
                    b.Store(y + at + next);
                }
            }
            else if (TStored.InBytes) TVector.StoreBytes(a, (byte*)y + at);
            else a.Store(y + at);
        }
    }

    /// <summary>
    /// Four vectors of sums of bytes' products, of each sixteen channels the first with the first four, the second with the next four, and
    /// so on.
    /// </summary>
    /// <param name="y">The result's first value, or byte.</param>
    /// <param name="at">Where in it the first channel is stored.</param>
    /// <param name="column">Of the first sum, in their order.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Interleaved<TVector, TStored>(TVector a, TVector b, TVector c, TVector d, float* y, nint at, int column)
        where TVector : unmanaged, IVector<TVector>
        where TStored : struct, IStored
    {
        (a, b) = (One(a, column), One(b, column + TVector.Width));
        (c, d) = (One(c, column + 2 * TVector.Width), One(d, column + 3 * TVector.Width));
        if (TStored.InBytes) TVector.StoreBytes(a, b, c, d, (byte*)y + at);
        else
        {
            a.StoreQuarters(y + at);
            b.StoreQuarters(y + at + 4);
            c.StoreQuarters(y + at + 8);
            d.StoreQuarters(y + at + 12);
        }
    }

    /// <summary>One vector of sums of bytes' products: values, or what cut to whole numbers is their bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector One<TVector>(TVector sum, int column) where TVector : unmanaged, IVector<TVector> =>
        TVector.Min(
            TVector.Broadcast(most),
            TVector.Max(TVector.Broadcast(least), sum * TVector.Load(Factors + column) + TVector.Load(bias + column)));

    /// <summary>One vector of sums of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TVector, TStored>(TVector sum, float* y, nint at, int column)
        where TVector : unmanaged, IVector<TVector>
        where TStored : struct, IStored
    {
        if (bias != null) sum += TVector.Load(bias + column);
        if (!TStored.InBytes && added != null) sum += TVector.Load(added + at);
        sum = TVector.Min(TVector.Broadcast(most), TVector.Max(TVector.Broadcast(least), sum));
        if (TStored.InBytes) TVector.StoreBytes(sum, (byte*)y + at);
        else sum.Store(y + at);
    }
}
