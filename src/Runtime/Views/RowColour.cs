using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Changes of colour of one row of <see cref="Planes"/>, [3, P], in place. Whatever comes before contrast leaves zeros in the padding.
/// </summary>
internal static class RowColour
{
    /// <summary>
    /// <c>image * v + grey * luma(v) + constant</c>, kept in [0, 1]: brightness, contrast, saturation and grey, by their shares.
    /// </summary>
    public static void Blend(Span<float> row, float image, float grey, float constant)
    {
        var (pitch, own, shared, added) = (row.Length / 3, new Vector<float>(image), new Vector<float>(grey), new Vector<float>(constant));
        ref var values = ref MemoryMarshal.GetReference(row);
        for (nuint x = 0; x < (nuint)pitch; x += (nuint)Vector<float>.Count)
        {
            var (red, green, blue) = Load(ref values, x, (nuint)pitch);
            var rest = Luma(red, green, blue) * shared + added;
            Store(ref values, x, (nuint)pitch, Clamp(red * own + rest), Clamp(green * own + rest), Clamp(blue * own + rest));
        }
    }

    /// <summary><c>factor * v + constant</c> of each value, kept in [0, 1]: what a blend is to one channel.</summary>
    public static void Scale(Span<float> row, float factor, float constant)
    {
        var added = new Vector<float>(constant);
        foreach (ref var values in MemoryMarshal.Cast<float, Vector<float>>(row)) values = Clamp(values * factor + added);
    }

    /// <summary>The sum of the values of one channel.</summary>
    public static float Sum(Span<float> row)
    {
        var sum = Vector<float>.Zero;
        foreach (var values in MemoryMarshal.Cast<float, Vector<float>>(row)) sum += values;
        return Vector.Sum(sum);
    }

    /// <summary>The sum of the grey values.</summary>
    public static float SumGrey(Span<float> row)
    {
        var pitch = row.Length / 3;
        ref var values = ref MemoryMarshal.GetReference(row);
        var sum = Vector<float>.Zero;
        for (nuint x = 0; x < (nuint)pitch; x += (nuint)Vector<float>.Count)
        {
            var (red, green, blue) = Load(ref values, x, (nuint)pitch);
            sum += Luma(red, green, blue);
        }
        return Vector.Sum(sum);
    }

    /// <summary>Turns the colours by a share of the circle; <see cref="HueShift"/> has the formula.</summary>
    public static void TurnHue(Span<float> row, double turn)
    {
        var pitch = row.Length / 3;
        ref var values = ref MemoryMarshal.GetReference(row);
        var offsets = HueShift.Offsets(turn);
        var (toRed, toGreen, toBlue) = (new Vector<float>(offsets.Red), new Vector<float>(offsets.Green), new Vector<float>(offsets.Blue));
        var smallest = new Vector<float>(HueShift.SmallestChroma);
        for (nuint x = 0; x < (nuint)pitch; x += (nuint)Vector<float>.Count)
        {
            var (red, green, blue) = Load(ref values, x, (nuint)pitch);
            var least = Vector.Min(Vector.Min(red, green), blue);
            var chroma = Vector.Max(Vector.Max(red, green), blue) - least;
            var hue = Vector.CopySign((green + blue - red - least) / Vector.Max(chroma, smallest) + Vector<float>.One, green - blue);
            Store(
                ref values, x, (nuint)pitch, Channel(hue + toRed, chroma, least), Channel(hue + toGreen, chroma, least),
                Channel(hue + toBlue, chroma, least));
        }

        static Vector<float> Channel(Vector<float> hue, Vector<float> chroma, Vector<float> least) =>
            Clamp(Vector.Abs(Vector.Abs(hue) - new Vector<float>(3)) - Vector<float>.One) * chroma + least;
    }

    /// <summary>Cuts the values to [0, 1].</summary>
    public static void Clamp(Span<float> row)
    {
        foreach (ref var values in MemoryMarshal.Cast<float, Vector<float>>(row)) values = Clamp(values);
    }

    /// <summary>Inverts the upper half of the values.</summary>
    public static void Solarize(Span<float> row)
    {
        foreach (ref var values in MemoryMarshal.Cast<float, Vector<float>>(row))
            values = new Vector<float>(0.5f) - Vector.Abs(values - new Vector<float>(0.5f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Red, Vector<float> Green, Vector<float> Blue) Load(ref float values, nuint x, nuint pitch) =>
        (Vector.LoadUnsafe(ref values, x), Vector.LoadUnsafe(ref values, x + pitch), Vector.LoadUnsafe(ref values, x + 2 * pitch));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float values, nuint x, nuint pitch, Vector<float> red, Vector<float> green, Vector<float> blue)
    {
        red.StoreUnsafe(ref values, x);
        green.StoreUnsafe(ref values, x + pitch);
        blue.StoreUnsafe(ref values, x + 2 * pitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Luma(Vector<float> red, Vector<float> green, Vector<float> blue) =>
        red * new Vector<float>(Views.Luma.Red) + green * new Vector<float>(Views.Luma.Green) + blue * new Vector<float>(Views.Luma.Blue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Clamp(Vector<float> values) => Vector.Min(Vector.Max(values, Vector<float>.Zero), Vector<float>.One);
}
