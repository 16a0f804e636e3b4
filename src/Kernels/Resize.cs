using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// A square map at another side: of each position of the result the nearest or, bilinear, the four about it, corners being those of the
/// pixels (PyTorch's interpolate without align_corners).
/// </summary>
internal sealed unsafe class Resize : VectorStep<Resize>, IVectorStep<Resize>
{
    private readonly int side, outSide, padded;
    private readonly bool bilinear;

    /// <summary>Of each place on one axis of the result: the map's place, the one behind it, and the latter's share.</summary>
    private readonly (int Place, int Next, float Share)[] places;

    public Resize(Machine machine, int channels, int side, int outSide, bool bilinear) : base(machine)
    {
        (this.side, this.outSide, this.bilinear, padded) = (side, outSide, bilinear, Lanes.Padded(channels));
        places = new (int, int, float)[outSide];
        var scale = (float)side / outSide;
        for (var i = 0; i < outSide; i++)
        {
            var at = bilinear ? Math.Max(0, scale * (i + 0.5f) - 0.5f) : i * scale;
            var place = Math.Min((int)at, side - 1);
            places[i] = (place, Math.Min(place + 1, side - 1), at - place);
        }
    }

    static void IVectorStep<Resize>.Work<TVector>(Resize step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(outSide, 1, part, parts);
        for (var row = first; row < end; row++)
            for (var column = 0; column < outSide; column++)
            {
                var target = (nint)(Y + ((nint)row * outSide + column) * padded);
                if (bilinear) Mix<TVector>(places[row], places[column], (float*)target);
                else
                    new ReadOnlySpan<float>(X + ((nint)places[row].Place * side + places[column].Place) * padded, padded)
                        .CopyTo(new((float*)target, padded));
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Mix<TVector>((int Place, int Next, float Share) row, (int Place, int Next, float Share) column, float* target)
        where TVector : unmanaged, IVector<TVector>
    {
        float* above = X + (nint)row.Place * side * padded, below = X + (nint)row.Next * side * padded;
        nint left = column.Place * padded, right = column.Next * padded;
        TVector down = TVector.Broadcast(row.Share), up = TVector.Broadcast(1 - row.Share), far = TVector.Broadcast(column.Share),
            near = TVector.Broadcast(1 - column.Share);
        for (var c = 0; c < padded; c += TVector.Width)
        {
            var top = near * TVector.Load(above + left + c) + far * TVector.Load(above + right + c);
            var bottom = near * TVector.Load(below + left + c) + far * TVector.Load(below + right + c);
            (up * top + down * bottom).Store(target + c);
        }
    }
}
