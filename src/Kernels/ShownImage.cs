namespace DataSsl.Kernels;

/// <summary>
/// Which part of a picture evaluation shows to a network: its short side is resized to 256/224 of the network's (the usual evaluation of
/// ImageNet's networks), its shape kept, and the middle square is cut out of that.
/// </summary>
internal static class ShownImage
{
    private const double Margin = 256.0 / 224;

    /// <summary>The short side of the resized picture in pixels.</summary>
    public static int ShortSide(int side) => (int)System.Math.Round(side * Margin);

    /// <summary>A side of the resized picture in pixels.</summary>
    /// <param name="length">The same side of the picture.</param>
    /// <param name="shorter">Its short side.</param>
    /// <param name="side">The network's side.</param>
    public static int Resized(int length, int shorter, int side) => (int)((long)ShortSide(side) * length / shorter);

    /// <summary>Where the middle square begins in the resized picture; a half goes to the even neighbour.</summary>
    public static int Offset(int resized, int side) => (int)System.Math.Round((resized - side) / 2.0);

    /// <summary>Along one axis pixel i of the square is centred at <c>Origin + Step * (i + 0.5)</c> of the picture.</summary>
    /// <inheritdoc cref="Resized"/>
    public static (double Origin, double Step) Along(int length, int shorter, int side)
    {
        var resized = Resized(length, shorter, side);
        var step = (double)length / resized;
        return (Offset(resized, side) * step, step);
    }
}
