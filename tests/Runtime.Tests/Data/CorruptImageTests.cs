using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Broken files end in one line of text, never in a crash, and hostile ones before memory or time is spent on them.</summary>
[Collection(nameof(MeasuredCollection))]
public class CorruptImageTests
{
    public static TheoryData<string> Formats() =>
    [
        ".png", ".jpg", "progressive", ".webp", "lossless", ".tif", "lzw", "grey.tif", "tile.tif", "big.tif", "big lzw", ".bmp",
        "palette.bmp", ".gif",
    ];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_truncated_file_is_refused_wherever_it_ends(string format)
    {
        var whole = File(format);
        _ = Pictures.Decoded(whole);
        for (var tenth = 0; tenth < 10; tenth++)
        {
            var part = whole[..(whole.Length * tenth / 10)];
            var error = Assert.Throws<InvalidDataException>(() => Pictures.Decoded(part));
            Assert.False(string.IsNullOrWhiteSpace(error.Message));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Mutated_and_truncated_files_of_every_format_decode_or_are_refused(string format)
    {
        var whole = File(format);
        var rng = CounterRandom.For(3, format);
        var refused = 0;
        for (var trial = 0; trial < 600; trial++)
        {
            // A header is where lies do harm, so half of the changes are there.
            var broken = whole[..(trial % 3 == 0 ? (int)rng.Below(whole.Length) : whole.Length)];
            for (var flips = trial % 3 == 0 ? 0 : rng.Below(4) + 1; flips > 0; flips--)
                broken[rng.Below(rng.Chance(0.5) ? Math.Min(100, broken.Length) : broken.Length)] = (byte)rng.NextBits();
            try
            {
                var image = Pictures.Decoded(broken, (int)rng.Below(50), maxPixels: 1 << 22);
                Assert.Equal(3 * image.Width * image.Height, image.Rgb.Length);
            }
            catch (InvalidDataException error)
            {
                Assert.False(string.IsNullOrWhiteSpace(error.Message));
                refused++;
            }
        }
        Assert.InRange(refused, 150, 600);
    }

    private static byte[] File(string format)
    {
        var image = Pictures.Waves(60, 40);
        var pixels = image.Rgb.ToArray();
        return format switch
        {
            "progressive" => Pictures.Encoded(image, ".jpg", new ImageEncodingParam(ImwriteFlags.JpegProgressive, 1)),
            "lossless" => Pictures.Encoded(image, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)),
            "lzw" => Pictures.Encoded(image, ".tif", new ImageEncodingParam(ImwriteFlags.TiffCompression, 5)),
            "grey.tif" => Tiff.Of(true, new Tiff.Page(60, 40, pixels[..2400], (258, [8]), (262, [1]), (277, [1]), (274, [6]))),
            "tile.tif" => Tiff.Of(false, new Tiff.Page(60, 40, new byte[64 * 48 * 3], (322, [64]), (323, [48]))),
            "big.tif" or "big lzw" => BigTiff.Of(File(format[3..].Trim())),
            ".tif" => Tiff.Of(true, new Tiff.Page(60, 40, pixels)),
            "palette.bmp" => Bmp.Of(60, 40, 8, y => pixels[(60 * y)..(60 * y + 60)], new byte[1024]),
            ".gif" => Gif.Of(60, 40, new byte[384], [.. pixels[..2400].Select(value => (byte)(value / 2))]),
            _ => Pictures.Encoded(image, format),
        };
    }

    /// <summary>libjpeg would fill the picture with grey and go on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_data_in_a_jpeg_is_refused(bool early)
    {
        var file = Pictures.Encoded(Pictures.Waves(120, 90), jpeg: true);
        var middle = file.Length * 2 / 3;
        // The mark of the end comes early, or codes that no table has.
        (early ? new byte[] { 0xFF, 0xD9 } : [0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0]).CopyTo(file, middle);
        var error = Assert.Throws<InvalidDataException>(() => Pictures.Decoded(file));
        Assert.StartsWith("Corrupt JPEG data: ", error.Message);
        // What one picture complained of is not said of the next.
        Assert.Equal(120, Pictures.Decoded(Pictures.Encoded(Pictures.Waves(120, 90), jpeg: true)).Width);
    }

    [Fact]
    public void Bytes_behind_the_end_of_a_jpeg_do_no_harm() =>
        Assert.Equal(60, Pictures.Decoded([.. File(".jpg"), .. "what some phones append"u8]).Width);

    [Fact]
    public void Random_bytes_behind_a_true_signature_are_refused()
    {
        var rng = CounterRandom.For(2, "corrupt");
        byte[][] signatures =
        [
            [.. "II*\0"u8], [.. "MM\0*"u8], [.. "RIFF\0\0\0\0WEBPVP8 "u8], [.. "BM"u8], [.. "GIF89a"u8], [0xFF, 0xD8, 0xFF],
            [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], [],
        ];
        for (var trial = 0; trial < 80; trial++)
        {
            var bytes = new byte[2000];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)rng.NextBits();
            signatures[trial % signatures.Length].CopyTo(bytes, 0);
            Assert.Throws<InvalidDataException>(() => Pictures.Decoded(bytes));
        }
    }

    public static TheoryData<string> Bombs() =>
        [
            "png", "vp8l", "vp8x", "vp8", "bmp", "gif", "jpg", "tif", "tile", "tile-wide", "bits", "scans", "many-small-scans",
            "hidden-scans", "second-frame", "inner", "frame", "strips",
        ];

    /// <summary>A few bytes that ask for gigabytes or minutes cost neither.</summary>
    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_is_refused_before_memory_or_time_is_spent(string kind)
    {
        var big = new ByteWriter(little: true);
        byte[] file = kind switch
        {
            "png" => Png.Of(60000, 60000, 8, 2, _ => [], after: []),
            "vp8l" => [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8L"u8, 18, 0, 0, 0, 0x2F, 0xFE, 0xBF, 0xFF, 0x0F, .. new byte[13]],
            "vp8x" => WebP.Container(1 << 24, 1 << 24, 2, new byte[40]),
            "vp8" =>
                [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8 "u8, 18, 0, 0, 0, 0, 0, 0, 0x9D, 1, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, .. new byte[8]],
            "bmp" =>
                big.Bytes("BM"u8).Long(70).Long(0).Long(54).Long(40).Long(50000).Long(50000).Short(1).Short(8).Long(1).Bytes(new byte[40])
                    .ToArray(),
            "gif" => big.Bytes("GIF89a"u8).Short(65535).Short(65535).Bytes(0xF6, 0, 0).Bytes(new byte[400]).ToArray(),
            "jpg" => WithSize(FlatJpeg.Of(2, 2, 1, (_, _, _) => 0), 0xFFF0),
            "tif" => Tiff.Of(true, new Tiff.Page(100000, 100000, new byte[30])),
            "tile" => Tiff.Of(true, new Tiff.Page(64, 48, new byte[30], (322, [16384]), (323, [16384]))),
            "tile-wide" => Tiff.Of(true, new Tiff.Page(1000000, 100, new byte[30], (322, [1000000]), (323, [4096]))),
            "bits" => Tiff.Of(true, new Tiff.Page(10, 10, new byte[400], (258, [32, 32, 32]))),
            // Behind a canvas of a few pixels, alone or in an animation.
            "inner" => WebP.Container(2, 2, 0, WebP.Chunk("VP8L"u8, [0x2F, 0xFE, 0xBF, 0xFF, 0x0F, .. new byte[13]])),
            "frame" => WebP.Container(
                2, 2, 2,
                [
                    .. WebP.Chunk("ANIM"u8, new byte[6]),
                    .. WebP.Chunk(
                        "ANMF"u8,
                        [
                            .. new byte[6], 1, 0, 0, 1, 0, 0, 100, 0, 0, 0,
                            .. WebP.Chunk("VP8L"u8, [0x2F, 0xFE, 0xBF, 0xFF, 0x0F, .. new byte[13]]),
                        ]),
                ]),
            "strips" => Tiff.Of(true, new Tiff.Page(100, 2000, new byte[2000], (278, [1]), (279, [3_000_000]))),
            "many-small-scans" => FlatJpeg.Of(8, 8, 1, (_, _, _) => 0, scans: 200),
            "hidden-scans" => Hidden(FlatJpeg.Of(8, 8, 1, (_, _, _) => 0, scans: 2000)),
            "second-frame" => Doubled(FlatJpeg.Of(8, 8, 1, (_, _, _) => 0)),
            _ => WithSize(FlatJpeg.Of(8, 8, 1, (_, _, _) => 0, scans: 20000), 8000),
        };
        var (before, clock) = (GC.GetTotalAllocatedBytes(), Environment.TickCount64);
        InvalidDataException? error = null;
        var peak = PeakMemory.Of(() => error = Assert.Throws<InvalidDataException>(() => Pictures.Decoded(file)));
        Assert.Contains(
            kind switch
            {
                "scans" => "scans",
                "tile" => "tiles of 16384 x 16384",
                "bits" => "32 bits",
                "strips" => "parts have more bytes than the file",
                "many-small-scans" => "100 scans",
                "hidden-scans" => "damaged",
                "second-frame" => "allowed",
                _ => "134,000,000 that are allowed",
            },
            error!.Message);
        if (peak is { } bytes) Assert.InRange(bytes, 0, 64 << 20);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
        Assert.InRange(Environment.TickCount64 - clock, 0, 20_000);

        // Segments without even a length, which libjpeg passes over, in front of every scan.
        static byte[] Hidden(byte[] jpeg) =>
            [.. jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]) is var at ? jpeg[..at] : [], 0xFF, 0xE5, 0, 0, .. jpeg[at..]];

        static byte[] Doubled(byte[] jpeg)
        {
            var (frame, large) = (jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]), WithSize([.. jpeg], 0xFFF0));
            return [.. jpeg[..frame], .. large[frame..(frame + 13)], .. jpeg[frame..]];
        }

        // The frame is the second segment.
        static byte[] WithSize(byte[] jpeg, int side)
        {
            var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
            (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7],
                jpeg[frame + 8]) = ((byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side);
            return jpeg;
        }
    }

    [Fact]
    public void The_limit_is_an_option()
    {
        using var folder = new TemporaryFolder();
        folder.Write("small.png", Pictures.Encoded(Pictures.Waves(20, 10)));
        var large = folder.Write("wide.png", Pictures.Encoded(Pictures.Waves(40, 10)));
        var warnings = new List<string>();
        Assert.Equal(1, ImageStore.Load(ImageFolder.Open(folder.Path), new() { MaxPixels = 399 }, warnings.Add).Count);
        Assert.Equal([$"skipped: cannot read the image '{large}': 40 x 10 pixels, more than the 399 that are allowed"], warnings);
        Assert.Equal(2, ImageStore.Load(ImageFolder.Open(folder.Path), new() { MaxPixels = 400 }).Count);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("not a picture at all", "neither a JPEG, PNG, WebP, TIFF, BMP nor GIF")]
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
        Assert.Equal(16, Pictures.Decoded([.. jpeg[..2], .. exif, .. jpeg[2..]]).Width);
        // An orientation that does not exist.
        Assert.Equal(Pictures.Decoded(jpeg).Rgb.ToArray(), Pictures.Decoded(Exif.InJpeg(jpeg, Exif.Of(9))).Rgb.ToArray());
    }
}
