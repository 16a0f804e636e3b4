namespace DataSsl.Runtime.Views;

/// <summary>The operations of colour jitter.</summary>
internal enum JitterStep
{
    Brightness,
    Contrast,
    Saturation,
    Hue,
}

/// <summary>Everything random about one view of one image.</summary>
internal sealed record ViewDraw(Placement Placement)
{
    /// <summary>The four jitters in the order of this image; empty when it is not jittered.</summary>
    public JitterStep[] Order { get; init; } = [];

    /// <summary>The image's share in the blends of brightness, contrast and saturation, in that order.</summary>
    public double[] Factors { get; init; } = [1, 1, 1];

    /// <summary>The share of the colour circle to turn by.</summary>
    public double Hue { get; init; }

    public bool Gray { get; init; }

    /// <summary>The standard deviation of the blur in pixels; 0 for none.</summary>
    public double BlurSigma { get; init; }

    public bool Solarize { get; init; }

    /// <summary>One factor a band, about the band's mean; empty for none.</summary>
    public double[] Gains { get; init; } = [];

    /// <summary>The deviation of the noise, in the band's own; it comes with <see cref="Gains"/>.</summary>
    public double Noise { get; init; }

    /// <summary>Seed of the noise.</summary>
    public ulong NoiseSeed { get; init; }

    /// <summary>
    /// The draw for one view. It depends on the arguments alone: not on the rest of the batch, the workers, or the device.
    /// </summary>
    public static ViewDraw For(ViewRecipe recipe, int width, int height, ulong seed, long step, int image, int view)
    {
        var rng = CounterRandom.For(seed, "view", step, image, view);
        var draw = new ViewDraw(Cropping.Draw(recipe, width, height, ref rng));
        if (rng.Chance(recipe.JitterChance))
        {
            JitterStep[] order = [JitterStep.Brightness, JitterStep.Contrast, JitterStep.Saturation, JitterStep.Hue];
            rng.Shuffle<JitterStep>(order);
            draw = draw with
            {
                Order = order,
                Factors = [Factor(recipe.Brightness, ref rng), Factor(recipe.Contrast, ref rng), Factor(recipe.Saturation, ref rng)],
                Hue = rng.Between(-recipe.Hue, recipe.Hue),
            };
        }
        draw = draw with
        {
            Gray = rng.Chance(recipe.GrayChance),
            BlurSigma = rng.Chance(recipe.BlurChance) ? rng.Between(recipe.BlurSigma.Low, recipe.BlurSigma.High) : 0,
            Solarize = rng.Chance(recipe.SolarizeChance),
        };
        if (recipe is { BandGain: 0, BandNoise: 0 } || !rng.Chance(recipe.JitterChance)) return draw;
        var gains = new double[recipe.Mean.Count];
        for (var band = 0; band < gains.Length; band++) gains[band] = Factor(recipe.BandGain, ref rng);
        return draw with { Gains = gains, Noise = rng.Between(0, recipe.BandNoise), NoiseSeed = rng.NextBits() };
    }

    private static double Factor(double strength, ref CounterRandom rng) => rng.Between(Math.Max(0, 1 - strength), 1 + strength);
}
