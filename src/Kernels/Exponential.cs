using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>Functions of softmax and GELU, to a few units in the last place.</summary>
internal static class Exponential
{
    /// <summary>
    /// e to the power of a, for a up to 88: two to the nearest whole power, times a polynomial for the rest, which is at most half of ln 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector>(TVector a) where TVector : unmanaged, IVector<TVector>
    {
        a = TVector.Max(TVector.Broadcast(-87), a);
        var power = TVector.Floor(TVector.MultiplyAdd(a, TVector.Broadcast(1.44269504f), TVector.Broadcast(0.5f)));
        // ln 2 in two parts, of which the first has few enough bits for an exact product.
        var rest = TVector.MultiplyAdd(power, TVector.Broadcast(-0.693359375f), a);
        rest = TVector.MultiplyAdd(power, TVector.Broadcast(2.12194440e-4f), rest);
        var sum = TVector.Broadcast(1 / 720f);
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1 / 120f));
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1 / 24f));
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1 / 6f));
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1 / 2f));
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1));
        sum = TVector.MultiplyAdd(sum, rest, TVector.Broadcast(1));
        return sum * TVector.PowerOfTwo(power);
    }

    /// <summary>The error function to 2e-7 (Abramowitz and Stegun 1964, formula 7.1.26).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Erf<TVector>(TVector a) where TVector : unmanaged, IVector<TVector>
    {
        var one = TVector.Broadcast(1);
        var size = TVector.Abs(a);
        var t = one / TVector.MultiplyAdd(size, TVector.Broadcast(0.3275911f), one);
        var sum = TVector.Broadcast(1.061405429f);
        sum = TVector.MultiplyAdd(sum, t, TVector.Broadcast(-1.453152027f));
        sum = TVector.MultiplyAdd(sum, t, TVector.Broadcast(1.421413741f));
        sum = TVector.MultiplyAdd(sum, t, TVector.Broadcast(-0.284496736f));
        sum = TVector.MultiplyAdd(sum, t, TVector.Broadcast(0.254829592f));
        return TVector.CopySign(one - sum * t * Of(TVector.Broadcast(0) - size * size), a);
    }
}
