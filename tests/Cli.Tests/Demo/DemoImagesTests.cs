using System.Security.Cryptography;
using DataSsl.Demo;

namespace DataSsl.Cli.Tests.Demo;

public class DemoImagesTests
{
    [Fact]
    public void EveryMachinePaintsTheSameBytes()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in DemoSet.Plan(32)) hash.AppendData(entry.Render().Rgb.Span);

        Assert.Equal("032D636583C010A95003627860F3A8DB7B1E01ED4EF4388660A7DDC74245179E", Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Fact]
    public void PicturesAreSmallRgbOfVaryingSize()
    {
        var images = DemoSet.Plan(64).Select(e => e.Render()).ToList();

        Assert.All(images, i =>
        {
            Assert.InRange(i.Width, 64, 96);
            Assert.InRange(i.Height, 64, 96);
            Assert.Equal(3 * i.Width * i.Height, i.Rgb.Length);
        });
        Assert.True(images.Select(i => (i.Width, i.Height)).Distinct().Count() > 60);
    }

    [Fact]
    public void NoTwoPicturesAreAlike()
    {
        var prints = DemoSet.Plan(160).Select(e => Convert.ToHexString(SHA256.HashData(e.Render().Rgb.Span)));

        Assert.Equal(320, prints.Distinct().Count());
    }

    [Theory]
    [InlineData("areal", "field", "There is no demo domain 'areal'; there are aerial and cells.")]
    [InlineData("cells", "field", "The demo domain 'cells' has no class 'field'; it has chains, ")]
    public void UnknownNamesAreAnsweredWithTheKnownOnes(string domain, string label, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => DemoImages.Render(domain, label, 0));

        Assert.StartsWith(message, error.Message);
    }
}
