namespace DataSsl.Kernels;

/// <summary>What is added to the tokens of a map: the positions, and before them the class token with its own.</summary>
internal sealed unsafe class Positions
{
    private readonly Floats rows;
    private readonly int padded;

    /// <param name="token">[1, 1, C].</param>
    /// <param name="positions">[1, 1 + T, C] of a square map; those of a map of another side are interpolated.</param>
    /// <param name="side">Of the map whose tokens they are added to.</param>
    public Positions(ReadOnlySpan<float> token, ReadOnlySpan<float> positions, int side)
    {
        var channels = token.Length;
        padded = Lanes.Padded(channels);
        var trained = (int)MathF.Round(MathF.Sqrt(positions.Length / channels - 1));
        var grid = Bicubic.Resize(positions[channels..], trained, side, channels);
        rows = new((1 + side * side) * padded);
        for (var c = 0; c < channels; c++) rows.Span[c] = token[c] + positions[c];
        for (var i = 0; i < side * side; i++) grid.Slice(i * channels, channels).CopyTo(rows.Span[((1 + i) * padded)..]);
    }

    /// <summary>What is added to the first token of the map.</summary>
    public float* OfMap => rows.Pointer + padded;

    /// <summary>Puts the class token in its place.</summary>
    public void CopyToken(float* target) => rows.Span[..padded].CopyTo(new(target, padded));
}
