using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// A gain for each band, about its mean, and normal noise on each value: of normalised views, whose unit is the band's deviation.
/// </summary>
internal static class BandJitter
{
    /// <summary>Changes row <paramref name="y"/> of a view, [S, C], in place.</summary>
    public static void Apply(Span<float> row, ViewDraw draw, int y)
    {
        if (draw.Gains.Length == 0) return;
        var bands = draw.Gains.Length;
        var noise = draw.Noise > 0 ? new float[row.Length] : [];
        Noise(draw, y, noise);
        for (var i = 0; i < row.Length; i++)
        {
            row[i] *= (float)draw.Gains[i % bands];
            if (noise.Length > 0) row[i] += noise[i];
        }
    }

    /// <summary>Changes [N, S, C, S] in place.</summary>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws)
    {
        var members = Chunks.Where(draws, draw => draw.Gains.Length > 0);
        if (members.Length == 0) return;
        using var scope = NewDisposeScope();
        var (size, bands) = ((int)views.shape[1], (int)views.shape[2]);
        var (gains, noise) = (new float[members.Length * bands], new float[(long)members.Length * size * size * bands]);
        for (var i = 0; i < members.Length; i++)
        {
            var draw = draws[members[i]];
            for (var band = 0; band < bands; band++) gains[i * bands + band] = (float)draw.Gains[band];
            if (draw.Noise == 0) continue;
            for (var y = 0; y < size; y++) Noise(draw, y, noise.AsSpan((i * size + y) * size * bands, size * bands));
        }
        var index = Staging.Index(members, views.device);
        views.index_copy_(
            0, index,
            views.index_select(0, index).mul_(Staging.Of(gains, [members.Length, 1, bands, 1], views.device))
                .add_(Staging.Of(noise, [members.Length, size, size, bands], views.device).transpose(2, 3)));
    }

    /// <summary>The noise of a row, [S, C], two values at a time (Box-Muller); a row has a stream of its own.</summary>
    private static void Noise(ViewDraw draw, int y, Span<float> row)
    {
        var rng = CounterRandom.For(draw.NoiseSeed, "band noise", y);
        for (var i = 0; i < row.Length; i += 2)
        {
            var radius = draw.Noise * Math.Sqrt(-2 * Math.Log(1 - rng.NextDouble()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * rng.NextDouble());
            row[i] = (float)(radius * cosine);
            if (i + 1 < row.Length) row[i + 1] = (float)(radius * sine);
        }
    }
}
