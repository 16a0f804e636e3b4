using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Tests.Curation;

public sealed class ThumbnailTests
{
    /// <summary>
    /// Of an image whose pixels are each repeated 32 times to both sides, every pixel of the thumbnail is the mean of a whole rectangle, of
    /// images larger and smaller than it.
    /// </summary>
    [Theory]
    [InlineData(100, 64)]
    [InlineData(32, 32)]
    [InlineData(33, 20)]
    [InlineData(7, 45)]
    public void EveryPixelIsTheMeanOfWhatItCovers(int width, int height)
    {
        var rgb = new byte[3 * width * height];
        new Random(width).NextBytes(rgb);
        var grey = new float[Thumbnail.Side * Thumbnail.Side];
        grey.AsSpan().Fill(float.NaN);
        Thumbnail.Write(new Image(width, height, rgb), grey);
        for (var y = 0; y < Thumbnail.Side; y++)
            for (var x = 0; x < Thumbnail.Side; x++)
            {
                var sum = 0.0;
                for (var row = y * height; row < (y + 1) * height; row++)
                    for (var column = x * width; column < (x + 1) * width; column++)
                    {
                        var at = 3 * (row / Thumbnail.Side * width + column / Thumbnail.Side);
                        sum += Luma.Of(rgb[at], rgb[at + 1], rgb[at + 2]);
                    }
                Assert.Equal(sum / (width * height), grey[y * Thumbnail.Side + x], 0.001);
            }
    }
}
