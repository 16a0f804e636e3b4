using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>How far a network is ahead of others that were tested on the same images, after trainings of the same seeds.</summary>
/// <remarks>
/// <para>
/// A paired bootstrap over images and seeds: both are drawn anew with replacement, the same draws for all networks, and what the draws take
/// the mean differences away from where they are is added. An image that is hard for both, or labels that are drawn badly for both, do not
/// count. A draw of n varies by (n - 1) / n of what n do, which is made good; few seeds say little of how far others spread, so that the
/// interval is widened by Student's factor for the degrees of freedom that images and seeds have together (Satterthwaite 1946). Two seeds
/// that happen to agree would hide how far they spread: there each part is widened by the factor of its own, the seeds' by that of one
/// degree of freedom.
/// </para>
/// <para>
/// Where no image differs from the others in this, as where there is one alone, one that was not seen may: the variance is at least that
/// which a single image of n that stands apart brings, 1 / n^2.
/// </para>
/// <para>Several comparisons are bounded at once: with 95 % all of the intervals hold, by the largest of the deviations in each draw, each
/// over its own standard error.</para>
/// </remarks>
public static class PairedDifference
{
    private const int Draws = 2000;

    /// <summary>The differences, with intervals that hold together at 95 %.</summary>
    /// <param name="one">By seed, which of the images were named rightly.</param>
    /// <param name="others">The same of each other network.</param>
    /// <param name="seed">Of the draws.</param>
    /// <returns>Share of right images of the one less that of each other.</returns>
    public static IReadOnlyList<Estimate> Of(IReadOnlyList<bool[]> one, IReadOnlyList<IReadOnlyList<bool[]>> others, long seed)
    {
        var (seeds, images) = (one.Count, one[0].Length);
        var differences = others.Select(other => new Effects(one, other)).ToList();
        var random = CounterRandom.For((ulong)seed, "paired difference", images);
        var (byImage, bySeed, largest) = (new int[images], new int[seeds], new double[Draws]);
        for (var draw = 0; draw < Draws; draw++)
        {
            foreach (ref var place in byImage.AsSpan()) place = (int)random.Below(images);
            foreach (ref var place in bySeed.AsSpan()) place = (int)random.Below(seeds);
            foreach (var difference in differences)
                largest[draw] = Math.Max(largest[draw], Math.Abs(difference.Chance(byImage, bySeed)) / difference.Error);
        }
        Array.Sort(largest);
        // Not less than for one comparison, of which draws find nothing where no image differs.
        var reach = Math.Max(Proportion.Z, Quantile.Of(largest, Bootstrap.Confidence));
        return
        [
            .. differences.Select(
                d =>
                    new Estimate(
                        d.Mean, Math.Max(-1, d.Mean - reach * d.Widening * d.Error), Math.Min(1, d.Mean + reach * d.Widening * d.Error))),
        ];
    }

    /// <summary>A difference by image and seed: its mean, and what each image and each seed is beside it.</summary>
    private sealed class Effects
    {
        private readonly double[] ofImages;
        private readonly double[] ofSeeds;

        public Effects(IReadOnlyList<bool[]> one, IReadOnlyList<bool[]> other)
        {
            var (seeds, images) = (one.Count, one[0].Length);
            (ofImages, ofSeeds) = (new double[images], new double[seeds]);
            for (var s = 0; s < seeds; s++)
                for (var i = 0; i < images; i++)
                {
                    var difference = (one[s][i] ? 1 : 0) - (other[s][i] ? 1 : 0);
                    (ofImages[i], ofSeeds[s]) = (ofImages[i] + difference / (double)seeds, ofSeeds[s] + difference / (double)images);
                }
            Mean = ofSeeds.Average();
            double fromImages = Math.Max(Spread(ofImages), 1.0 / images / images), fromSeeds = Spread(ofSeeds), both = fromImages
                + fromSeeds;
            Error = Math.Sqrt(both);
            // Of one image, or seed, there is no spread to count.
            var freedom = both * both / (Math.Pow(fromImages, 2) / Math.Max(1, images - 1)
                + Math.Pow(fromSeeds, 2) / Math.Max(1, seeds - 1));
            Widening = (seeds == 2
                ? Math.Sqrt(
                    (Math.Pow(Student.Point(Math.Max(1, images - 1)), 2) * fromImages + Math.Pow(Student.Point(1), 2) * fromSeeds) / both)
                : Student.Point(freedom)) / Proportion.Z;
        }

        public double Mean { get; }

        /// <summary>Standard error of the mean.</summary>
        public double Error { get; }

        /// <summary>By how much the interval is wider than if its width were known.</summary>
        public double Widening { get; }

        /// <summary>How far a draw takes the mean away from where it is.</summary>
        public double Chance(int[] byImage, int[] bySeed) => Away(ofImages, byImage) + Away(ofSeeds, bySeed);

        private static double Away(double[] effects, int[] drawn)
        {
            if (effects.Length < 2) return 0;
            var sum = 0.0;
            foreach (var place in drawn) sum += effects[place];
            return sum / effects.Length * Math.Sqrt(effects.Length / (effects.Length - 1.0));
        }

        /// <summary>Takes the mean away, and gives the variance of the mean of so many.</summary>
        private double Spread(double[] effects)
        {
            foreach (ref var effect in effects.AsSpan()) effect -= Mean;
            return effects.Length < 2 ? 0 : effects.Sum(effect => effect * effect) / (effects.Length - 1) / effects.Length;
        }
    }
}
