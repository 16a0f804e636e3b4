using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Pictures of other bands and bits than red, green and blue of 8, written by others' encoders: LibTiff.NET and OpenCV.</summary>
public sealed class BandsTests : IDisposable
{
    private const int Width = 37, Height = 23;
    private readonly TemporaryFolder folder = new();

    public static TheoryData<int, int, Compression, bool, bool, bool, int> Kinds()
    {
        var kinds = new TheoryData<int, int, Compression, bool, bool, bool, int>();
        var i = 0;
        foreach (var bands in new[] { 1, 2, 4, 5, 16 })
            foreach (var bits in new[] { 8, 16 })
                foreach (var compression in new[] { Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS })
                    foreach (var isPlanar in new[] { false, true })
                        // Byte orders, tiles and predictors in turn: each meets each of the others.
                        kinds.Add(bands, bits, compression, isPlanar, (i & 1) != 0, (i & 2) != 0, ++i);
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_TIFF_has_the_values_that_were_written(
        int bands, int bits, Compression compression, bool isPlanar, bool isTiled, bool isBig, int seed)
    {
        var values = Values(bands, bits, seed);
        // Of 16 bits with the high byte first this writer takes the differences of swapped numbers, which libtiff reads as others too.
        var isDifferenced = compression is Compression.LZW or Compression.ADOBE_DEFLATE && seed % 3 != 0 && !(isBig && bits == 16);
        Write(folder["a.tif"], values, bands, bits, compression, isPlanar, isTiled, isBig, isDifferenced);
        Assert.Equal(values, Read("a.tif", new(bands, bits)));
        // The same shares of the largest value in the other depth: 257 levels of 16 bits are one of 8.
        Assert.Equal(
            values.Select(value => (ushort)(bits == 8 ? value * 257 : value >> 8)), Read("a.tif", new(bands, 24 - bits)));
    }

    [Theory]
    [InlineData("grey8.png", 1, 8)]
    [InlineData("grey16.png", 1, 16)]
    [InlineData("rgb16.png", 3, 16)]
    [InlineData("rgba8.png", 4, 8)]
    [InlineData("rgba16.png", 4, 16)]
    [InlineData("rgb16.tif", 3, 16)]
    [InlineData("grey8.bmp", 1, 8)]
    public void A_picture_of_OpenCvs_has_the_values_that_were_written(string name, int bands, int bits)
    {
        var values = Values(bands, bits, 7);
        var pixels = BandTiff.Packed(values, bits);
        using (var mat = Mat.FromPixelData(Height, Width, bits == 8 ? MatType.CV_8UC(bands) : MatType.CV_16UC(bands), pixels))
        {
            // OpenCV has blue first.
            if (bands == 3) Cv2.CvtColor(mat, mat, ColorConversionCodes.RGB2BGR);
            if (bands == 4) Cv2.CvtColor(mat, mat, ColorConversionCodes.RGBA2BGRA);
            Cv2.ImEncode(Path.GetExtension(name), mat, out var file);
            folder.Write(name, file);
        }
        Assert.Equal(values, Read(name, new(bands, bits)));
        if (name == "rgb16.tif") return;
        Assert.Equal(values.Select(value => (ushort)(bits == 8 ? value * 257 : value >> 8)), Read(name, new(bands, 24 - bits)));
        // The usual reading is what it was: the high byte.
        if (name == "rgb16.png") Assert.Equal(values.Select(value => (byte)(value >> 8)), ImageFile.Load(folder[name]).Pixels.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Bands_are_turned_as_colours_are(int orientation)
    {
        // What OpenCV makes of the same picture in red, green and blue says how it must lie.
        var rgb = Values(3, 8, orientation);
        var colours = new Files.Tiff.Page(Width, Height, BandTiff.Packed(rgb, 8), (274, [orientation]));
        var upright = ImageFile.Load(folder.Write("a.tif", Files.Tiff.Of(true, colours)));
        var five = rgb.Chunk(3).SelectMany(pixel => new[] { pixel[0], pixel[1], pixel[2], pixel[0], pixel[1] }).ToArray();
        var page = new Files.Tiff.Page(
            Width, Height, BandTiff.Packed(five, 8), (258, [8, 8, 8, 8, 8]), (262, [1]), (277, [5]), (274, [orientation]),
            (338, [0, 0, 0, 0]));
        var turned = ImageFile.Load(folder.Write("b.tif", Files.Tiff.Of(true, page)), format: new(5, 8));
        Assert.Equal((upright.Width, upright.Height), (turned.Width, turned.Height));
        Assert.Equal(upright.Pixels.ToArray(), turned.Pixels.ToArray().Chunk(5).SelectMany(pixel => pixel[..3]));
    }

    [Fact]
    public void Differences_of_the_high_byte_first_are_summed_after_they_are_turned()
    {
        var values = Values(4, 16, 2);
        var differences = new byte[2 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var before = i % (4 * Width) < 4 ? 0 : values[i - 4];
            BinaryPrimitives.WriteUInt16BigEndian(differences.AsSpan(2 * i), (ushort)(values[i] - before));
        }
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(differences);
        folder.Write(
            "a.tif",
            Files.Tiff.Of(
                little: false,
                new Files.Tiff.Page(
                    Width, Height, packed.ToArray(), (258, [16, 16, 16, 16]), (259, [8]), (262, [1]), (277, [4]), (317, [2]),
                    (338, [0, 0, 0]))));
        Assert.Equal(values, Read("a.tif", new(4, 16)));
    }

    [Fact]
    public void White_may_be_zero_and_transparency_is_no_band()
    {
        var values = Values(1, 16, 3);
        var page = new Files.Tiff.Page(Width, Height, BandTiff.Packed(values, 16), (258, [16]), (262, [0]), (277, [1]));
        folder.Write("negative.tif", Files.Tiff.Of(true, page));
        Assert.Equal(values.Select(value => (ushort)(65535 - value)), Read("negative.tif", new(1, 16)));
        var pair = values.SelectMany(value => new[] { value, (ushort)9 }).ToArray();
        folder.Write(
            "alpha.tif",
            Files.Tiff.Of(
                true,
                new Files.Tiff.Page(Width, Height, BandTiff.Packed(pair, 16), (258, [16, 16]), (262, [1]), (277, [2]), (338, [2]))));
        Assert.Equal(values, Read("alpha.tif", new(1, 16)));
        Assert.Equal(pair, Read("alpha.tif", new(2, 16)));
    }

    [Fact]
    public void Another_number_of_bands_is_one_line_with_the_mend()
    {
        Write(folder["a.tif"], Values(5, 16, 1), 5, 16, Compression.NONE, false, false, false, false);
        Refused(
            "a.tif", 4,
            "a TIFF file of 5 bands, where the network takes images of 4 bands; give images of 4 bands, or use a space with 'input: { channels: 5 }'");
        folder.Write("b.png", Pictures.Encoded(Pictures.Waves(9, 9)));
        Refused("b.png", 1, "a PNG file of 3 bands, where the network takes images of 1 band;");
        Refused("b.png", 5, "a PNG file of 3 bands, where the network takes images of 5 bands;");
        folder.Write("c.jpg", Pictures.Encoded(Pictures.Waves(9, 9), jpeg: true));
        Refused("c.jpg", 4, "a JPEG file of 3 bands, where the network takes images of 4 bands;");
    }

    [Theory]
    [InlineData("float", "32 bits a channel")]
    [InlineData("signed", "without a sign")]
    [InlineData("palette", "colours by a rule (3)")]
    [InlineData("fax", "compression 3")]
    [InlineData("predictor", "predictor 3")]
    [InlineData("short", "truncated")]
    [InlineData("lzw", "TIFF file is")]
    [InlineData("deflate", "TIFF file is")]
    [InlineData("packbits", "truncated")]
    public void What_is_no_bands_or_damaged_is_told(string kind, string problem)
    {
        var pixels = BandTiff.Packed(Values(1, 8, 1), 8);
        (int, int[])[] fields = kind switch
        {
            "float" => [(258, [32])],
            "signed" => [(339, [2])],
            "palette" => [(262, [3])],
            "fax" => [(259, [3])],
            "predictor" => [(259, [8]), (317, [3])],
            "short" => [(256, [Width + 1])],
            "lzw" => [(259, [5])],
            "deflate" => [(259, [8])],
            _ => [(259, [32773])],
        };
        if (kind == "predictor")
        {
            using var packed = new MemoryStream();
            using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(pixels);
            pixels = packed.ToArray();
        }
        if (kind == "packbits") pixels = [.. Enumerable.Repeat((byte)0x80, 99)];
        var page = new Files.Tiff.Page(Width, Height, pixels, [(258, [8]), (262, [1]), (277, [1]), .. fields]);
        folder.Write("a.tif", Files.Tiff.Of(true, page));
        Refused("a.tif", 1, problem);
    }

    [Fact]
    public void A_source_is_deep_where_all_of_it_is()
    {
        Write(folder["a/a.tif"], Values(4, 16, 1), 4, 16, Compression.LZW, false, false, false, false);
        folder.Write("a/broken.png", [1, 2, 3]);
        Assert.True(ImageSource.Open(folder["a"]).IsDeep());
        folder.Write("a/b.png", Pictures.Encoded(Pictures.Waves(9, 9)));
        Assert.False(ImageSource.Open(folder["a"]).IsDeep());
        folder.Write("c/broken.png", [1, 2, 3]);
        Assert.False(ImageSource.Open(folder["c"]).IsDeep());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_store_keeps_bands_and_their_statistics_are_those_of_every_pixel(bool isCached)
    {
        using var cache = new TemporaryFolder();
        var all = new List<ushort[]>();
        for (var i = 0; i < 5; i++)
        {
            all.Add(Values(4, 16, 10 + i));
            Write(folder[$"{i}.tif"], all[i], 4, 16, Compression.NONE, false, false, false, false);
        }
        var pixels = PixelRule.Plain(new(4, 16));
        var store = ImageStore.Load(
            ImageSource.Open(folder.Path),
            new()
            {
                Canvas = 1000,
                Pixels = pixels,
                Workers = 2,
                Cache = isCached ? cache.Path : null,
                MemoryBudget = 3 * Width * Height * 8,
            });
        for (var i = 0; i < 5; i++) Assert.Equal(all[i], Unpacked(store.Get([i]).Images[0]));
        var (mean, deviation) = PixelStatistics.Of(store);
        for (var band = 0; band < 4; band++)
        {
            var values = all.SelectMany(values => values.Where((_, i) => i % 4 == band)).Select(value => value / 65535.0).ToArray();
            Assert.Equal(values.Average(), mean[band], 1e-12);
            Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), deviation[band], 1e-12);
        }
        var normal = store.Normalised(mean, deviation);
        Assert.Equal((mean, deviation), (normal.Pixels.Mean, normal.Pixels.Deviation));
        if (!isCached) return;
        // Another format is another cache.
        ImageStore.Load(ImageSource.Open(folder.Path), new() { Canvas = 1000, Pixels = PixelRule.Plain(new(4, 8)), Cache = cache.Path });
        Assert.Equal(2, Directory.GetFiles(cache.Path).Length);
    }

    [Fact]
    public void A_band_without_any_spread_is_divided_by_one_level()
    {
        ushort[] alike = [.. Enumerable.Repeat((ushort)500, 2 * Width * Height)];
        Write(folder["a.tif"], alike, 2, 16, Compression.NONE, false, false, false, false);
        var store = ImageStore.Load(ImageSource.Open(folder.Path), new() { Pixels = PixelRule.Plain(new(2, 16)) });
        Assert.Equal(new Channels(1.0 / 65535, 1.0 / 65535), PixelStatistics.Of(store).Deviation);
    }

    [Theory]
    [InlineData(4, 16)]
    [InlineData(5, 8)]
    [InlineData(1, 16)]
    public void Shrinking_takes_the_mean_of_what_a_pixel_covers(int bands, int bits)
    {
        // Halved, a triangle filter weighs four neighbours by 1, 3, 3, 1 along each axis; at the edge those that are there.
        var values = Values(bands, bits, 5);
        var image = new Image(Width - 1, Height - 1, BandTiff.Packed([.. Cut(values)], bits)) { Format = new(bands, bits) };
        var shrunk = Shrinker.Shrink(image, (Height - 1) / 2);
        Assert.Equal(((Width - 1) / 2, (Height - 1) / 2, image.Format), (shrunk.Width, shrunk.Height, shrunk.Format));
        var found = Unpacked(shrunk);
        for (var y = 0; y < shrunk.Height; y++)
            for (var x = 0; x < shrunk.Width; x++)
                for (var band = 0; band < bands; band++)
                {
                    var (sum, weights) = (0.0, 0.0);
                    for (var dy = -1; dy <= 2; dy++)
                        for (var dx = -1; dx <= 2; dx++)
                        {
                            var (row, column) = (2 * y + dy, 2 * x + dx);
                            if (row < 0 || row >= Height - 1 || column < 0 || column >= Width - 1) continue;
                            var weight = (dy is 0 or 1 ? 3 : 1) * (dx is 0 or 1 ? 3 : 1);
                            sum += weight * values[(row * Width + column) * bands + band];
                            weights += weight;
                        }
                    Assert.InRange(found[(y * shrunk.Width + x) * bands + band] - sum / weights, -0.51, 0.51);
                }

        IEnumerable<ushort> Cut(ushort[] whole)
        {
            for (var y = 0; y < Height - 1; y++)
                for (var i = 0; i < (Width - 1) * bands; i++) yield return whole[y * Width * bands + i];
        }
    }

    public void Dispose() => folder.Dispose();

    private void Refused(string name, int bands, string problem)
    {
        var e = Assert.Throws<UserException>(() => ImageFile.Load(folder[name], format: new(bands, 16)));
        Assert.Contains(folder[name], e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private ushort[] Read(string name, PixelFormat format)
    {
        var image = ImageFile.Load(folder[name], format: format);
        Assert.Equal((Width, Height, format), (image.Width, image.Height, image.Format));
        return Unpacked(image);
    }

    private static ushort[] Unpacked(Image image) => image.Format.Bits == 8
        ? Array.ConvertAll(image.Pixels.ToArray(), value => (ushort)value)
        : MemoryMarshal.Cast<byte, ushort>(image.Pixels.Span).ToArray();

    /// <summary>Smooth with jumps and noise, so that every packing has runs and none is all runs.</summary>
    private static ushort[] Values(int bands, int bits, int seed)
    {
        var (values, rng) = (new ushort[bands * Width * Height], CounterRandom.For((ulong)seed, "bands"));
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, band) = (i / bands % Width, i / bands / Width, i % bands);
            var level = y % 7 == 0 ? 40000 : x < 9 ? 0 : 900 * x + 700 * y + 3000 * band + (int)rng.Below(2000);
            values[i] = (ushort)(bits == 8 ? (level >> 8) & 255 : level & 65535);
        }
        return values;
    }

    private static void Write(
        string path, ushort[] values, int bands, int bits, Compression compression, bool isPlanar, bool isTiled, bool isBig,
        bool isDifferenced) => new BandTiff(Width, Height, values, bands, bits)
        {
            Compression = compression,
            IsPlanar = isPlanar,
            TileSide = isTiled ? 16 : null,
            IsBig = isBig,
            IsDifferenced = isDifferenced,
        }.Write(path);
}
