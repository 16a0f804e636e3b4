using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Broken files end in one line of text, never in a crash.</summary>
public class CorruptImageTests(DecodingTests.Corpus corpus) : IClassFixture<DecodingTests.Corpus>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_truncated_file_is_refused_wherever_it_ends(bool jpeg)
    {
        var whole = Pictures.Encoded(Pictures.Waves(120, 90), jpeg);
        for (var tenth = 0; tenth < 10; tenth++)
        {
            var part = whole[..(whole.Length * tenth / 10)];
            var error = Assert.Throws<InvalidDataException>(() => NativeImages.Decode(part, 0));
            Assert.False(string.IsNullOrWhiteSpace(error.Message));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flipped_bytes_decode_or_are_refused(bool jpeg)
    {
        var whole = Pictures.Encoded(Pictures.Waves(60, 40), jpeg);
        var rng = CounterRandom.For(1, "corrupt");
        var refused = 0;
        for (var trial = 0; trial < 400; trial++)
        {
            var broken = whole.ToArray();
            for (var flips = rng.Below(4); flips >= 0; flips--) broken[rng.Below(broken.Length)] = (byte)rng.NextBits();
            try
            {
                _ = NativeImages.Decode(broken, (int)rng.Below(50));
                _ = Orientation.Of(broken);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 400);
    }

    [SkippableTheory]
    [InlineData("lossless.webp", 60)]
    [InlineData("lossy.webp", 60)]
    [InlineData("None.tif", 30)]
    [InlineData("tiff_lzw.tif", 60)]
    [InlineData("tiff_adobe_deflate.tif", 60)]
    [InlineData("bilevel.tif", 30)]
    [InlineData("turned6.tif", 30)]
    [InlineData("palette.bmp", 30)]
    [InlineData("masks565.bmp", 30)]
    public void Mutated_and_truncated_files_of_every_format_decode_or_are_refused(string name, int fewestRefused)
    {
        var whole = File.ReadAllBytes(corpus.Folder[name]);
        var rng = CounterRandom.For(3, name);
        var refused = 0;
        for (var trial = 0; trial < 600; trial++)
        {
            // A header is where lies do harm, so half of the changes are there.
            var broken = whole[..(trial % 3 == 0 ? (int)rng.Below(whole.Length) : whole.Length)];
            for (var flips = trial % 3 == 0 ? 0 : rng.Below(4) + 1; flips > 0; flips--)
                broken[rng.Below(rng.Chance(0.5) ? Math.Min(100, broken.Length) : broken.Length)] = (byte)rng.NextBits();
            try
            {
                var image = ImageFile.Decode(broken);
                Assert.Equal(3 * image.Width * image.Height, image.Rgb.Length);
            }
            catch (InvalidDataException error)
            {
                Assert.False(string.IsNullOrWhiteSpace(error.Message));
                refused++;
            }
        }
        Assert.InRange(refused, fewestRefused, 600);
    }

    [Fact]
    public void Random_bytes_behind_a_true_signature_are_refused()
    {
        var rng = CounterRandom.For(2, "corrupt");
        byte[][] signatures = [[.. "II*\0"u8], [.. "MM\0*"u8], [.. "RIFF\0\0\0\0WEBPVP8 "u8], [.. "BM"u8], [0xFF, 0xD8, 0xFF], [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], []];
        for (var trial = 0; trial < 60; trial++)
        {
            var bytes = new byte[2000];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)rng.NextBits();
            signatures[trial % signatures.Length].CopyTo(bytes, 0);
            Assert.Throws<InvalidDataException>(() => ImageFile.Decode(bytes));
        }
    }

    [Fact]
    public void A_header_that_asks_for_gigabytes_is_refused()
    {
        var png = Pictures.Encoded(Pictures.Waves(8, 8));
        (png[18], png[22]) = (0x0F, 0x0F);
        Assert.Throws<InvalidDataException>(() => NativeImages.Decode(png, 0));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("not a picture at all", "neither a JPEG, PNG, WebP, TIFF nor BMP")]
    public void The_message_names_the_file_and_the_fault(string content, string fault)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("note.jpg", System.Text.Encoding.UTF8.GetBytes(content));
        var error = Assert.Throws<UserException>(() => ImageFile.Load(path));
        Assert.Equal($"cannot read the image '{path}': {fault}", error.Message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<UserException>(() => ImageFile.Load("/nowhere/a.png"));
        Assert.Contains("/nowhere/a.png", error.Message);
    }

    [Fact]
    public void Malformed_exif_is_ignored()
    {
        var jpeg = Pictures.Encoded(Pictures.Waves(16, 16), jpeg: true);
        byte[] exif = [0xFF, 0xE1, 0, 16, .. "Exif\0\0"u8, .. "II*\0"u8, 0xFF, 0xFF, 0xFF, 0x7F];
        byte[] file = [.. jpeg[..2], .. exif, .. jpeg[2..]];
        Assert.Equal(1, Orientation.Of(file));
        Assert.Equal(16, NativeImages.Decode(file, 0).Width);
    }
}
