using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Tests.Demo;

/// <summary>
/// A dozen numbers about the grey picture's texture: contrast, skewness, and per scale the strength and the common direction of edges.
/// </summary>
internal static class TextureStatistics
{
    public static double[] Of(Image image)
    {
        var (grey, width, height) = (Grey(image), image.Width, image.Height);
        var mean = grey.Average();
        var deviation = Math.Sqrt(grey.Average(g => (g - mean) * (g - mean)));
        List<double> features = [Math.Log(deviation), grey.Average(g => Math.Pow((g - mean) / deviation, 3))];
        for (var scale = 0; scale < 4; scale++)
        {
            features.AddRange(Edges(grey, width, height, deviation));
            (grey, width, height) = Halve(grey, width, height);
        }
        return [.. features];
    }

    private static double[] Grey(Image image) =>
        [
            .. Enumerable.Range(0, image.Width * image.Height)
                .Select(i => image.Rgb.Span[3 * i] + 2.0 * image.Rgb.Span[3 * i + 1] + image.Rgb.Span[3 * i + 2]),
        ];

    /// <summary>Gradient energy relative to the contrast, its sparsity, and the coherence of the structure tensor.</summary>
    private static double[] Edges(double[] grey, int width, int height, double deviation)
    {
        double energy = 0, absolute = 0, cosine = 0, sine = 0;
        for (var y = 1; y < height - 1; y++)
            for (var x = 1; x < width - 1; x++)
            {
                var dx = grey[y * width + x + 1] - grey[y * width + x - 1];
                var dy = grey[(y + 1) * width + x] - grey[(y - 1) * width + x];
                energy += dx * dx + dy * dy;
                absolute += Math.Sqrt(dx * dx + dy * dy);
                cosine += dx * dx - dy * dy;
                sine += 2 * dx * dy;
            }
        var count = (width - 2) * (height - 2);
        return
        [
            Math.Log(energy / count) / 2 - Math.Log(deviation), absolute / Math.Sqrt(energy * count),
            Math.Sqrt(cosine * cosine + sine * sine) / energy,
        ];
    }

    private static (double[] Grey, int Width, int Height) Halve(double[] grey, int width, int height)
    {
        var (w, h) = (width / 2, height / 2);
        var half = new double[w * h];
        for (var i = 0; i < half.Length; i++)
        {
            var at = i / w * 2 * width + i % w * 2;
            half[i] = (grey[at] + grey[at + 1] + grey[at + width] + grey[at + width + 1]) / 4;
        }
        return (half, w, h);
    }
}
