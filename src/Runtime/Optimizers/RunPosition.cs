namespace DataSsl.Runtime.Optimizers;

/// <summary>Where a run stands: all that a schedule may depend on, so that a resumed run goes on with the same values.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="StepsPerEpoch">Steps of one pass over the images.</param>
public readonly record struct RunPosition(long Step, long Steps, int StepsPerEpoch)
{
    /// <summary>The present epoch, from 0.</summary>
    public long Epoch => Step / StepsPerEpoch;

    /// <summary>Half a cosine from one value to another over the whole run.</summary>
    public double Cosine(double from, double to) => Half(from, to, (double)Step / Steps);

    /// <summary>Linear over the first epochs, then half a cosine from the peak to the final value over the rest.</summary>
    /// <param name="start">Where the first epochs begin: the first step is one step's growth above it.</param>
    public double WarmCosine(double peak, double final, double warmupEpochs, double start = 0)
    {
        var warmup = Math.Min(Steps, (long)Math.Round(warmupEpochs * StepsPerEpoch));
        return Step < warmup
            ? start + (peak - start) * (Step + 1) / warmup
            : Half(peak, final, (double)(Step - warmup) / Math.Max(1, Steps - warmup));
    }

    /// <summary>From one value to another in equal steps, one for each of the first epochs; the other value from then on.</summary>
    public double Ramp(double from, double to, int epochs) => Epoch < epochs ? from + (to - from) * Epoch / Math.Max(1, epochs - 1) : to;

    private static double Half(double from, double to, double share) => to + (from - to) * 0.5 * (1 + Math.Cos(Math.PI * share));
}
