namespace DataSsl.Kernels.Tests;

/// <summary>Pictures brought to a network's size, against the definition: a triangle widened by the scale, summed in 64 bits.</summary>
public sealed class CenterCropTests
{
    /// <summary>
    /// Every length up to 400 against several sides; among them centres whose distances to both ends round apart, which once gave a row of
    /// the picture to the sum of another.
    /// </summary>
    [Theory, InlineData(5), InlineData(32), InlineData(48), InlineData(64)]
    public void A_filter_is_the_triangle_of_its_definition(int side)
    {
        var worst = 0.0;
        for (var shorter = 1; shorter <= 400; shorter++)
            foreach (var length in new[] { shorter, shorter + 1, 2 * shorter + 3 })
            {
                var (origin, step) = ShownImage.Along(length, shorter, side);
                var filter = new ResizeFilter(length, side, origin, step, 1);
                for (var i = 0; i < side; i++)
                {
                    var weights = filter.Of(i, out var first);
                    Assert.InRange(weights.Length, 1, filter.Taps);
                    var exact = Weights(length, origin + step * (i + 0.5), Math.Max(step, 1));
                    for (var j = 0; j < length; j++)
                    {
                        var weight = j >= first && j < first + weights.Length ? weights[j - first] : 0;
                        worst = Math.Max(worst, Math.Abs(weight - exact[j]));
                    }
                }
            }
        Assert.InRange(worst, 0, 1e-6);
    }

    [Theory, InlineData(50, 80, 48), InlineData(200, 31, 48), InlineData(17, 17, 32), InlineData(641, 480, 64), InlineData(1, 9, 32)]
    [InlineData(36, 36, 32), InlineData(3, 300, 64), InlineData(37, 1, 7), InlineData(1, 1, 1)]
    public void A_picture_becomes_the_image_of_its_definition(int width, int height, int side)
    {
        var random = new Random(width + 1000 * height);
        var rgb = new byte[3 * width * height];
        random.NextBytes(rgb);
        var image = new float[3 * side * side];
        CenterCrop.Write(rgb, width, height, side, ImageNetStatistics.Mean, ImageNetStatistics.Deviation, image);
        var (down, across) = (Matrix(height), Matrix(width));
        for (var channel = 0; channel < 3; channel++)
            for (var y = 0; y < side; y++)
                for (var x = 0; x < side; x++)
                {
                    var sum = 0.0;
                    for (var row = 0; row < height; row++)
                        for (var column = 0; down[y][row] > 0 && column < width; column++)
                            sum += down[y][row] * across[x][column] * rgb[3 * (row * width + column) + channel];
                    var exact = (sum / 255 - ImageNetStatistics.Mean[channel]) / ImageNetStatistics.Deviation[channel];
                    Assert.Equal(exact, image[(channel * side + y) * side + x], 1e-5);
                }

        double[][] Matrix(int length)
        {
            // Resized as a whole, then cut: what the rule says in words.
            var resized = (int)Math.Round(side * 256 / 224.0) * length / Math.Min(width, height);
            var offset = (int)Math.Round((resized - side) / 2.0, MidpointRounding.ToEven);
            var scale = (double)length / resized;
            return [.. Enumerable.Range(offset, side).Select(i => Weights(length, (i + 0.5) * scale, Math.Max(scale, 1)))];
        }
    }

    [Theory, InlineData(0, 1), InlineData(1, 0), InlineData(2, 2), InlineData(-1, -4)]
    public void Bytes_of_another_picture_are_refused(int width, int height) =>
        Assert.Contains(
            $"no picture of {height} x {width} pixels",
            Assert.Throws<ArgumentException>(
                () => CenterCrop.Write(new byte[9], width, height, 4, [0, 0, 0], [1, 1, 1], new float[48])).Message,
            StringComparison.Ordinal);

    private static double[] Weights(int length, double centre, double scale)
    {
        var weights = Enumerable.Range(0, length).Select(j => Math.Max(0, 1 - Math.Abs(j + 0.5 - centre) / scale)).ToArray();
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }
}
