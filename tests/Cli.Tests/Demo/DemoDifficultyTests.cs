using DataSsl.Demo;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Tests.Demo;

/// <summary>
/// The demo is worth training on only if its classes need shape and texture: colour must not give them away, simple texture statistics must
/// help.
/// </summary>
public class DemoDifficultyTests
{
    private const int PerClass = 40;
    private const double Chance = 1.0 / 8;

    [Theory]
    [InlineData("aerial")]
    [InlineData("cells")]
    public void MeanColourDoesNotTellTheClass(string domain) => Assert.InRange(NearestMeanAccuracy(domain, MeanColour), 0, 2 * Chance);

    [Theory]
    [InlineData("aerial")]
    [InlineData("cells")]
    public void TextureStatisticsDo(string domain) => Assert.InRange(NearestMeanAccuracy(domain, TextureStatistics.Of), 4 * Chance, 1);

    /// <summary>Nearest class mean over standardised features; one half of the pictures teaches, the other is asked.</summary>
    private static double NearestMeanAccuracy(string domain, Func<Image, double[]> features)
    {
        var labels = DemoSet.Domains.Single(d => d.Domain == domain).Labels;
        var samples = labels.Select(l => Enumerable.Range(0, 2 * PerClass).Select(i => features(DemoImages.Render(domain, l, i))).ToArray())
            .ToArray();
        var all = samples.SelectMany(s => s[..PerClass]).ToArray();
        var scale = Enumerable.Range(0, all[0].Length).Select(f => 1 / (1e-9 + Deviation([.. all.Select(a => a[f])]))).ToArray();
        var means = samples.Select(s => scale.Select((_, f) => s[..PerClass].Average(v => v[f])).ToArray()).ToArray();

        var right = samples.SelectMany((s, label) => s[PerClass..].Select(v => Nearest(v) == label)).Count(hit => hit);
        return (double)right / (labels.Count * PerClass);

        int Nearest(double[] v) =>
            Enumerable.Range(0, means.Length).MinBy(m => v.Select((x, f) => Math.Pow((x - means[m][f]) * scale[f], 2)).Sum());
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static double[] MeanColour(Image image)
    {
        var sum = new double[3];
        for (var i = 0; i < image.Rgb.Length; i++) sum[i % 3] += image.Rgb.Span[i];
        return [.. sum.Select(s => s / (image.Width * image.Height))];
    }
}
